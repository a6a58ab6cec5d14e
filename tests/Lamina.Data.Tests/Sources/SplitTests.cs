using CsCheck;

namespace Lamina.Data.Tests.Sources;

public class SplitTests
{
    private static readonly Gen<(int[] Labels, double Share, long Seed)> Sources = Gen.Select(
        Gen.Int[0, 5].Array[2, 80].Where(l => l.CountBy(c => c).Any(c => c.Value >= 2)),
        Gen.Double[0.01, 0.99],
        Gen.Long
    );

    [Fact]
    public void Both_parts_have_their_share_of_every_class_and_nothing_twice() =>
        Sources
            .Fixed()
            .Sample(s =>
            {
                (LabeledImages train, LabeledImages validation) = new Numbers(s.Labels).Split(s.Share, s.Seed);
                int[] t = Members(train);
                int[] v = Members(validation);
                Assert.Equal(Enumerable.Range(0, s.Labels.Length), t.Concat(v).Order());
                Assert.Equal(t.Order(), t);
                Assert.Equal(v.Order(), v);
                Assert.Equal(t.Select(i => s.Labels[i]), train.Labels);
                foreach ((int label, int count) in s.Labels.CountBy(l => l))
                {
                    int chosen = validation.Labels.Count(l => l == label);
                    if (count == 1)
                    {
                        Assert.Equal(0, chosen);
                        continue;
                    }
                    Assert.InRange(chosen, 1, count - 1);
                    Assert.True(Math.Abs(chosen - (count * s.Share)) <= 1, $"{chosen} of {count} at {s.Share}");
                }
            });

    [Fact]
    public void The_same_seed_splits_the_same_and_images_of_one_class_do_not_move_anothers() =>
        Sources
            .Fixed()
            .Sample(s =>
            {
                int[] once = Members(new Numbers(s.Labels).Split(s.Share, s.Seed).Validation);
                int[] again = Members(new Numbers(s.Labels).Split(s.Share, s.Seed).Validation);
                Assert.Equal(once, again);
                int[] more = Members(new Numbers([.. s.Labels, 5, 5]).Split(s.Share, s.Seed).Validation);
                Assert.Equal(
                    once.Where(i => s.Labels[i] != 5),
                    more.Where(i => i < s.Labels.Length && s.Labels[i] != 5)
                );
            });

    [Fact]
    public void Another_seed_splits_otherwise()
    {
        var source = new Numbers([.. Enumerable.Range(0, 200).Select(i => i % 2)]);
        Assert.NotEqual(Members(source.Split(0.3, 1).Validation), Members(source.Split(0.3, 2).Validation));
    }

    [Fact]
    public void What_cannot_be_split_is_refused()
    {
        Assert.Throws<DataException>(() => new Numbers([0, 1, 2]).Split(0.5, 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => new Numbers([0, 0]).Split(0, 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => new Numbers([0, 0]).Split(1, 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => new Numbers([0, 0]).Split(double.NaN, 0));
    }

    private static int[] Members(LabeledImages part) =>
        [.. Enumerable.Range(0, part.Count).Select(i => int.Parse(part.NameOf(i)))];
}

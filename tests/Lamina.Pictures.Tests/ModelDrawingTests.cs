using System.Globalization;
using System.Xml.Linq;
using Lamina.Inspection;
using Lamina.Inspection.Layout;

namespace Lamina.Pictures.Tests;

public class ModelDrawingTests
{
    private static string Golden(string name) =>
        File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Goldens", name));

    [Fact]
    public void The_listing_is_the_text_that_Keras_writes() =>
        Assert.Equal(
            Golden("listing.dot"),
            ModelDrawing.ToDot(TestModels.Listing(), new PlotOptions { ShowShapes = true })
        );

    [Fact]
    public void By_default_boxes_show_names_and_classes() =>
        Assert.Equal(Golden("listing-plain.dot"), ModelDrawing.ToDot(TestModels.Listing()));

    [Fact]
    public void All_options_are_those_of_Keras()
    {
        var options = new PlotOptions
        {
            ShowShapes = true,
            ShowDType = true,
            ShowLayerActivations = true,
            ShowTrainable = true,
            RankDir = "LR",
            Dpi = 200,
        };
        Assert.Equal(Golden("branches.dot"), ModelDrawing.ToDot(TestModels.Branches(), options));
    }

    [Fact]
    public void Boxes_may_show_activations_without_names()
    {
        var options = new PlotOptions { ShowLayerNames = false, ShowLayerActivations = true };
        Assert.Equal(Golden("branches-activations.dot"), ModelDrawing.ToDot(TestModels.Branches(), options));
    }

    [Theory]
    [InlineData("nested.dot", false)]
    [InlineData("nested-expanded.dot", true)]
    public void A_model_used_as_a_layer_is_a_box_or_a_cluster(string golden, bool expand)
    {
        var options = new PlotOptions { ShowShapes = true, ExpandNested = expand };
        Assert.Equal(Golden(golden), ModelDrawing.ToDot(TestModels.Nested(), options));
    }

    [Fact]
    public void Names_with_graphviz_characters_are_escaped()
    {
        Symbol x = TestModels.Input("a|b{c}\"d", 3);
        Model model = TestModels.Of([x], [new NamedLayer("Dense", "e<f>").Apply(x)], "m");
        string dot = ModelDrawing.ToDot(model);
        Assert.Contains("label=\"a\\|b\\{c\\}\\\"d|InputLayer\"", dot, StringComparison.Ordinal);
        Assert.Contains("label=\"e\\<f\\>|Dense\"", dot, StringComparison.Ordinal);
    }

    [Fact]
    public void Only_this_model_s_uses_of_a_shared_layer_are_drawn()
    {
        Symbol a = TestModels.Input("a", 8);
        Symbol b = TestModels.Input("b", 8);
        var shared = new NamedLayer("Dense", "shared");
        Model ofA = TestModels.Of([a], [shared.Apply(a)], "of_a");
        _ = TestModels.Of([b], [shared.Apply(b)], "of_b");
        Assert.Equal([(1, 2)], ModelGraph.Of(ofA, new PlotOptions()).Edges);
    }

    [Theory]
    [InlineData("TB")]
    [InlineData("LR")]
    public void An_svg_has_a_group_for_each_layer_and_connection(string rankDir)
    {
        Model model = TestModels.Listing();
        var svg = XDocument.Parse(ModelDrawing.ToSvg(model, new PlotOptions { ShowShapes = true, RankDir = rankDir }));
        ILookup<string?, XElement> groups = svg.Descendants().ToLookup(e => (string?)e.Attribute("class"));
        Assert.Equal(model.Layers.Count, groups["node"].Count());
        Assert.Equal(model.Layers.Count - 1, groups["edge"].Count());
        Assert.Contains(svg.Descendants(), e => e.Value == "[(None, 224, 224, 3)]");
    }

    [Fact]
    public void A_drawing_runs_in_the_direction_asked_for()
    {
        (double width, double height) = SizeOf("TB");
        Assert.True(height > width);
        (width, height) = SizeOf("LR");
        Assert.True(width > height);

        static (double, double) SizeOf(string rankDir)
        {
            GraphDrawing drawing = ModelDrawing.Layout(TestModels.Listing(), new PlotOptions { RankDir = rankDir });
            return (drawing.Width, drawing.Height);
        }
    }

    [Theory]
    [InlineData("TB", false)]
    [InlineData("TB", true)]
    [InlineData("LR", false)]
    [InlineData("LR", true)]
    public void Boxes_do_not_overlap_and_arrows_touch_only_their_own(string rankDir, bool expand)
    {
        var options = new PlotOptions
        {
            ShowShapes = true,
            RankDir = rankDir,
            ExpandNested = expand,
        };
        GraphDrawing drawing = ModelDrawing.Layout(TestModels.Knotted(), options);
        foreach (DrawnNode node in drawing.Nodes)
        {
            Assert.InRange(node.Box.X, 0, drawing.Width - node.Box.Width);
            Assert.InRange(node.Box.Y, 0, drawing.Height - node.Box.Height);
            Assert.DoesNotContain(drawing.Nodes, n => n != node && Overlap(n.Box, node.Box));
            Assert.All(node.Cells, c => Assert.True(TextWidths.Of(c.Text, GraphDrawing.FontSize) <= c.Box.Width));
        }
        foreach (DrawnFrame frame in drawing.Frames)
        {
            // A frame holds a box or leaves it out.
            Assert.All(drawing.Nodes, n => Assert.True(Inside(n.Box, frame.Box) || !Overlap(n.Box, frame.Box)));
        }
        Dictionary<int, Box> boxes = drawing.Nodes.ToDictionary(n => n.Id, n => n.Box);
        foreach (DrawnEdge edge in drawing.Edges)
        {
            Assert.True(Distance(boxes[edge.From], edge.Start) < 0.5, $"{edge.From} → {edge.To} starts elsewhere.");
            Assert.True(Distance(boxes[edge.To], edge.Tip) < 0.5, $"{edge.From} → {edge.To} ends elsewhere.");
            foreach (Point point in Sample(edge))
            {
                Assert.DoesNotContain(drawing.Nodes, n => n.Id != edge.From && n.Id != edge.To && Holds(n.Box, point));
            }
        }
    }

    [Fact]
    public void A_deep_graph_with_long_connections_is_laid_out()
    {
        Symbol input = TestModels.Input("in", 4);
        var outputs = new List<Symbol> { input };
        for (int i = 0; i < 60; i++)
        {
            // Dense connections: every layer also reads one from far above.
            Symbol far = outputs[i / 3];
            string name = i.ToString(CultureInfo.InvariantCulture);
            outputs.Add(new NamedLayer("Add", "add_" + name).Apply(outputs[^1], far));
        }
        GraphDrawing drawing = ModelDrawing.Layout(TestModels.Of([input], [outputs[^1]], "deep"), new PlotOptions());
        Assert.Equal(61, drawing.Nodes.Count);
        Assert.All(drawing.Nodes, n => Assert.True(double.IsFinite(n.Box.X) && double.IsFinite(n.Box.Y)));
    }

    [Theory]
    [InlineData("RL", 96)]
    [InlineData("TB", 0)]
    public void Options_out_of_range_are_refused(string rankDir, int dpi) =>
        Assert.Throws<LaminaException>(() =>
            ModelDrawing.ToDot(TestModels.Nested(), new PlotOptions { RankDir = rankDir, Dpi = dpi })
        );

    private static bool Overlap(Box a, Box b) => a.X < b.Right && b.X < a.Right && a.Y < b.Bottom && b.Y < a.Bottom;

    private static bool Inside(Box a, Box b) => a.X >= b.X && a.Right <= b.Right && a.Y >= b.Y && a.Bottom <= b.Bottom;

    private static bool Holds(Box box, Point p) =>
        p.X > box.X + 0.5 && p.X < box.Right - 0.5 && p.Y > box.Y + 0.5 && p.Y < box.Bottom - 0.5;

    private static double Distance(Box box, Point p)
    {
        double dx = Math.Max(Math.Max(box.X - p.X, p.X - box.Right), 0);
        double dy = Math.Max(Math.Max(box.Y - p.Y, p.Y - box.Bottom), 0);
        return Math.Sqrt(dx * dx + dy * dy);
    }

    private static IEnumerable<Point> Sample(DrawnEdge edge)
    {
        Point from = edge.Start;
        foreach (Curve c in edge.Curves)
        {
            for (double t = 0; t <= 1; t += 0.05)
            {
                double s = 1 - t;
                (double a, double b, double d, double e) = (s * s * s, 3 * s * s * t, 3 * s * t * t, t * t * t);
                yield return new Point(
                    a * from.X + b * c.Control1.X + d * c.Control2.X + e * c.End.X,
                    a * from.Y + b * c.Control1.Y + d * c.Control2.Y + e * c.End.Y
                );
            }
            from = c.End;
        }
    }
}

namespace Lamina.Pictures.Tests;

/// <summary>A layer that says it is of some class and has some output shape: what drawings read.</summary>
internal sealed class NamedLayer(string className, string name, Shape? output = null, string? activation = null)
    : Layer(name)
{
    public override string ClassName => className;

    public override Activation? Activation => activation is null ? null : Activation.FromName(activation);

    protected override (int Min, int Max) InputCount => (1, int.MaxValue);

    // A drawing shows no ops, so any op of the right shape will do.
    protected override Symbol Call(IReadOnlyList<Symbol> inputs) =>
        output is { } shape ? Layers.Input(shape.Sample, null, Name + "_ops") : Ops.Relu(inputs[0]);
}

internal static class TestModels
{
    public static Symbol Input(string name, params int[] shape) => Layers.Input(Shape.Of(shape), null, name);

    public static Model Of(IReadOnlyList<Symbol> inputs, IReadOnlyList<Symbol> outputs, string name) =>
        new(inputs, outputs, name);

    /// <summary>The tutorial's final listing, named as its summary is.</summary>
    public static Model Listing()
    {
        Symbol input = Input("input_2", 224, 224, 3);
        Symbol x = input;
        void Add(string className, string name, string? activation, params int?[] shape) =>
            x = new NamedLayer(className, name, new Shape(shape), activation).Apply(x);

        Add("Conv2D", "conv2d_5", "relu", null, 56, 56, 96);
        Add("BatchNormalization", "batch_normalization_3", null, null, 56, 56, 96);
        Add("MaxPooling2D", "max_pooling2d_3", null, null, 27, 27, 96);
        Add("Conv2D", "conv2d_6", "relu", null, 27, 27, 256);
        Add("BatchNormalization", "batch_normalization_4", null, null, 27, 27, 256);
        Add("MaxPooling2D", "max_pooling2d_4", null, null, 13, 13, 256);
        Add("Conv2D", "conv2d_7", "relu", null, 13, 13, 384);
        Add("Conv2D", "conv2d_8", "relu", null, 13, 13, 384);
        Add("Conv2D", "conv2d_9", "relu", null, 4, 4, 96);
        Add("BatchNormalization", "batch_normalization_5", null, null, 4, 4, 96);
        Add("MaxPooling2D", "max_pooling2d_5", null, null, 1, 1, 96);
        Add("Flatten", "flatten_1", null, null, 96);
        Add("Dense", "dense_3", "relu", null, 4096);
        Add("Dense", "dense_4", "relu", null, 4096);
        Add("Dropout", "dropout_1", null, null, 4096);
        Add("Dense", "dense_5", "softmax", null, 1000);
        return Of([input], [x], "model_1");
    }

    /// <summary>Two inputs through one shared layer, a frozen layer, joins.</summary>
    public static Model Branches()
    {
        Symbol a = Input("a", 8);
        Symbol b = Input("b", 8);
        var shared = new NamedLayer("Dense", "shared", activation: "relu");
        Symbol first = shared.Apply(a);
        Symbol second = shared.Apply(b);
        var frozen = new NamedLayer("Dense", "frozen", activation: "linear") { Trainable = false };
        Symbol sum = new NamedLayer("Add", "add").Apply(frozen.Apply(first), second);
        Symbol joined = new NamedLayer("Concatenate", "concatenate", [null, 16]).Apply(sum, second);
        return Of([a, b], [new NamedLayer("Dense", "out", [null, 4], "softmax").Apply(joined)], "branches");
    }

    /// <summary>A model used as a layer.</summary>
    public static Model Nested()
    {
        Symbol x = Input("inner_in", 8);
        Symbol hidden = new NamedLayer("Dense", "inner_hidden", [null, 4], "tanh").Apply(x);
        Model inner = Of([x], [new NamedLayer("Dense", "inner_out", activation: "linear").Apply(hidden)], "inner");
        Symbol input = Input("outer_in", 8);
        Symbol output = new NamedLayer("Dense", "outer_out", [null, 1], "sigmoid").Apply(inner.Apply(input));
        return Of([input], [output], "outer");
    }

    /// <summary>An inception-like block of three branches, a residual around it, and a model used twice, once on its own output.</summary>
    public static Model Knotted()
    {
        Symbol x = Input("tower_in", 6, 6, 4);
        Symbol left = new NamedLayer("Conv2D", "tower_1x1").Apply(x);
        Symbol middle = new NamedLayer("Conv2D", "tower_3x3").Apply(new NamedLayer("Conv2D", "tower_reduce").Apply(x));
        Symbol right = new NamedLayer("MaxPooling2D", "tower_pool").Apply(x);
        Symbol join = new NamedLayer("Concatenate", "tower_join").Apply(left, middle, right);
        Model tower = Of([x], [join, middle], "tower");

        Symbol input = Input("image", 6, 6, 4);
        Symbol late = Input("late", 6, 6, 4);
        IReadOnlyList<Symbol> once = tower.ApplyAll(input);
        IReadOnlyList<Symbol> twice = tower.ApplyAll(once[0]);
        Symbol residual = new NamedLayer("Add", "residual").Apply(input, twice[0]);
        var shared = new NamedLayer("Dense", "again");
        Symbol again = shared.Apply(new NamedLayer("Dense", "between").Apply(shared.Apply(residual)));
        Symbol output = new NamedLayer("Concatenate", "all").Apply(again, late, twice[1]);
        return Of([input, late], [output], "knotted");
    }
}

namespace Lamina.Torch.Cpu;

/// <summary>12 rows, two vectors wide.</summary>
internal readonly struct Rows12 : ITileShape
{
    /// <inheritdoc/>
    public static int Rows => 12;

    /// <inheritdoc/>
    public static bool Wide => true;
}

/// <summary>12 rows, one vector wide.</summary>
internal readonly struct Rows12Narrow : ITileShape
{
    /// <inheritdoc/>
    public static int Rows => 12;

    /// <inheritdoc/>
    public static bool Wide => false;
}

/// <summary>8 rows, two vectors wide.</summary>
internal readonly struct Rows8 : ITileShape
{
    /// <inheritdoc/>
    public static int Rows => 8;

    /// <inheritdoc/>
    public static bool Wide => true;
}

/// <summary>8 rows, one vector wide.</summary>
internal readonly struct Rows8Narrow : ITileShape
{
    /// <inheritdoc/>
    public static int Rows => 8;

    /// <inheritdoc/>
    public static bool Wide => false;
}

/// <summary>6 rows, two vectors wide.</summary>
internal readonly struct Rows6 : ITileShape
{
    /// <inheritdoc/>
    public static int Rows => 6;

    /// <inheritdoc/>
    public static bool Wide => true;
}

/// <summary>6 rows, one vector wide.</summary>
internal readonly struct Rows6Narrow : ITileShape
{
    /// <inheritdoc/>
    public static int Rows => 6;

    /// <inheritdoc/>
    public static bool Wide => false;
}

/// <summary>4 rows, two vectors wide.</summary>
internal readonly struct Rows4 : ITileShape
{
    /// <inheritdoc/>
    public static int Rows => 4;

    /// <inheritdoc/>
    public static bool Wide => true;
}

/// <summary>4 rows, one vector wide.</summary>
internal readonly struct Rows4Narrow : ITileShape
{
    /// <inheritdoc/>
    public static int Rows => 4;

    /// <inheritdoc/>
    public static bool Wide => false;
}

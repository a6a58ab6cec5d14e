namespace Lamina.Serving;

/// <summary>The options of the server's page.</summary>
public sealed class PageOptions
{
    /// <summary>
    /// <see langword="true"/> to show the training images nearest to an image, where the run has them and
    /// <c>alexnet neighbors</c> has computed their features. Everyone who may use the models then sees training images.
    /// Default: <see langword="false"/>.
    /// </summary>
    public bool ShowTrainingImages { get; set; }
}

using System.Collections.Concurrent;

namespace Lamina;

/// <summary>A pool of preparers, which keep their memory between epochs.</summary>
internal sealed class PreparerPool(Preprocessing preprocessing)
{
    private readonly ConcurrentBag<ImagePreparer> _idle = [];

    public ImagePreparer Rent() => _idle.TryTake(out ImagePreparer? idle) ? idle : new ImagePreparer(preprocessing);

    public void Return(ImagePreparer preparer) => _idle.Add(preparer);
}

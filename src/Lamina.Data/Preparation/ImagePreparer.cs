namespace Lamina;

/// <summary>Converts decoded pixels to model inputs. Keeps scratch memory, so an instance belongs to one thread.</summary>
internal sealed class ImagePreparer(Preprocessing preprocessing)
{
    private readonly Resizer _resizer = new(preprocessing.Interpolation);
    private readonly Affine _affine = preprocessing.ToAffine();
    private readonly Affine _identity = Affine.Identity(preprocessing.Width, preprocessing.Channels);
    private readonly MeanSubtraction? _mean = preprocessing.MeanImage is { } mean ? new(preprocessing, mean) : null;
    private readonly Size2 _size = new(preprocessing.Height, preprocessing.Width);

    // The arguments of Begin, and the window chosen for the size of the image.
    private readonly SampleWindow[] _windows = new SampleWindow[TenCrop.Plain];
    private IReadOnlyList<Augmentation> _augmentations = [];
    private PartChooser? _choosePart;
    private RandomStream _start;
    private RandomStream _random;
    private int _crops = 1;
    private Size2 _image;

    /// <summary>The buffer to decode images into.</summary>
    public PixelBuffer Pixels { get; } = new();

    /// <summary>
    /// Starts the next image. Decode it to <see cref="Pixels"/>, whole or by <see cref="ChoosePart"/>, and then call
    /// <see cref="Finish"/>.
    /// </summary>
    /// <param name="augmentations">The augmentations, in order.</param>
    /// <param name="random">The random stream of the augmentations.</param>
    public void Begin(IReadOnlyList<Augmentation> augmentations, RandomStream random)
    {
        (_augmentations, _start, _crops) = (augmentations, random, 1);
        _image = default;
    }

    /// <summary>Starts the next image as several crops: the center, or corners and center, then their mirror images.</summary>
    /// <param name="crops">2 or 10.</param>
    public void BeginCrops(int crops)
    {
        Begin([], default);
        _crops = crops;
    }

    /// <summary>The function that selects the part of an image that its input needs.</summary>
    public PartChooser ChoosePart => _choosePart ??= Choose;

    /// <summary>Resizes and scales the image in <see cref="Pixels"/>.</summary>
    /// <param name="output">Receives height × width × channels values of each crop.</param>
    public void Finish(Span<float> output)
    {
        if (preprocessing.Channels == 1 && Pixels.Channels == 3)
        {
            Pixels.ToGray();
        }
        if (_image != Pixels.Whole)
        {
            _ = Choose(Pixels.Whole);
        }
        if (_crops > 1)
        {
            MakeCrops(output);
        }
        else
        {
            Make(output);
        }
        Pixels.Trim();
    }

    private PixelRectangle Choose(Size2 image)
    {
        _image = image;
        _random = _start;
        if (_crops != TenCrop.Count)
        {
            SampleFrame frame = preprocessing.FrameOf(image);
            SampleWindow window = frame.MiddleWindow;
            for (int i = 0; i < _augmentations.Count; i++)
            {
                _augmentations[i].ChooseWindow(ref window, frame, ref _random);
            }
            _windows[0] = window;
            return _resizer.Covered(image, window, _size);
        }
        SampleFrame crops = preprocessing.CropFrameOf(image);
        PixelRectangle all = default;
        for (int crop = 0; crop < TenCrop.Plain; crop++)
        {
            _windows[crop] = crops.CropAt(crop);
            all = all.Union(_resizer.Covered(image, _windows[crop], _size));
        }
        return all;
    }

    private void Make(Span<float> output)
    {
        SampleWindow window = _windows[0];
        bool changes = false;
        for (int i = 0; i < _augmentations.Count; i++)
        {
            changes |= _augmentations[i].ChangesPixels;
        }
        if (!changes)
        {
            _resizer.Resize(Pixels, window, _size, _affine, output);
        }
        else
        {
            _resizer.Resize(Pixels, window, _size, _identity, output);
            for (int i = 0; i < _augmentations.Count; i++)
            {
                _augmentations[i].ChangePixels(output, _size, preprocessing.Channels, ref _random);
            }
            int stride = _size.Width * preprocessing.Channels;
            for (int y = 0; y < _size.Height; y++)
            {
                Span<float> line = output.Slice(y * stride, stride);
                _affine.Apply(line, preprocessing.Channels, line);
            }
        }
        Order(output);
        _mean?.Subtract(_image, window, output);
    }

    // Last, because augmentations work on RGB.
    private void Order(Span<float> output)
    {
        if (preprocessing.ChannelOrder == ChannelOrder.Bgr)
        {
            for (int i = 0; i + 2 < output.Length; i += 3)
            {
                (output[i], output[i + 2]) = (output[i + 2], output[i]);
            }
        }
    }

    private void MakeCrops(Span<float> output)
    {
        int size = output.Length / _crops;
        int plains = _crops / 2;
        for (int crop = 0; crop < plains; crop++)
        {
            Span<float> plain = output.Slice(crop * size, size);
            _resizer.Resize(Pixels, _windows[crop], _size, _affine, plain);
            Order(plain);
            _mean?.Subtract(_image, _windows[crop], plain);
            // Mirroring commutes with all other steps, so the mirrored crop is a copy.
            TenCrop.Mirror(plain, output.Slice((plains + crop) * size, size), _size, preprocessing.Channels);
        }
    }
}

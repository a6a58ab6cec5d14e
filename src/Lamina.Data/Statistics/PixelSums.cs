namespace Lamina;

/// <summary>Sums over images, for mean, standard deviation and covariance.</summary>
internal sealed class PixelSums(int pixels, int channels)
{
    // Sums of differences from the middle of the byte range, to limit cancellation when squares are subtracted.
    private const double Middle = 127.5;

    private readonly double[] _pixels = new double[pixels * channels];
    private readonly double[] _products = new double[channels * channels];

    /// <summary>The number of images added.</summary>
    public long Images { get; private set; }

    /// <summary>Resets all sums.</summary>
    public void Clear()
    {
        Array.Clear(_pixels);
        Array.Clear(_products);
        Images = 0;
    }

    /// <summary>Adds an image's values, (pixels, channels).</summary>
    public void Add(ReadOnlySpan<float> image)
    {
        Images++;
        if (channels == 1)
        {
            double square = 0;
            for (int i = 0; i < image.Length; i++)
            {
                double d = image[i] - Middle;
                _pixels[i] += d;
                square += d * d;
            }
            _products[0] += square;
            return;
        }
        double rr = 0,
            rg = 0,
            rb = 0,
            gg = 0,
            gb = 0,
            bb = 0;
        for (int i = 0; i < image.Length; i += 3)
        {
            (double r, double g, double b) = (image[i] - Middle, image[i + 1] - Middle, image[i + 2] - Middle);
            _pixels[i] += r;
            _pixels[i + 1] += g;
            _pixels[i + 2] += b;
            rr += r * r;
            rg += r * g;
            rb += r * b;
            gg += g * g;
            gb += g * b;
            bb += b * b;
        }
        ReadOnlySpan<double> products = [rr, rg, rb, rg, gg, gb, rb, gb, bb];
        for (int i = 0; i < products.Length; i++)
        {
            _products[i] += products[i];
        }
    }

    /// <summary>Adds the sums of another instance.</summary>
    public void Add(PixelSums other)
    {
        Images += other.Images;
        for (int i = 0; i < _pixels.Length; i++)
        {
            _pixels[i] += other._pixels[i];
        }
        for (int i = 0; i < _products.Length; i++)
        {
            _products[i] += other._products[i];
        }
    }

    /// <summary>Returns the mean of a pixel and channel.</summary>
    public double PixelMean(int i) => Middle + (_pixels[i] / Images);

    /// <summary>Returns the mean of each channel.</summary>
    public double[] Mean() => [.. Differences().Select(d => Middle + d)];

    /// <summary>Returns the covariance of the channels over all pixels of all images.</summary>
    public double[,] Covariance()
    {
        double[] mean = Differences();
        var covariance = new double[channels, channels];
        for (int i = 0; i < channels; i++)
        {
            for (int j = 0; j < channels; j++)
            {
                covariance[i, j] = (_products[(i * channels) + j] / ((double)Images * pixels)) - (mean[i] * mean[j]);
            }
            covariance[i, i] = Math.Max(covariance[i, i], 0);
        }
        return covariance;
    }

    private double[] Differences()
    {
        var sums = new double[channels];
        for (int i = 0; i < _pixels.Length; i++)
        {
            sums[i % channels] += _pixels[i];
        }
        return [.. sums.Select(s => s / ((double)Images * pixels))];
    }
}

using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Lamina.Serving;

/// <summary>Reads keys and certificates of a server from files.</summary>
public static class ServerFiles
{
    /// <summary>Reads API keys: one per line; empty lines and lines that begin with '#' are skipped.</summary>
    /// <param name="file">The text file.</param>
    /// <exception cref="LaminaException">The file cannot be read, or contains no key.</exception>
    public static IReadOnlyList<string> ReadKeys(string file)
    {
        string[] keys =
        [
            .. Read(file, File.ReadAllLines).Select(l => l.Trim()).Where(l => l.Length > 0 && l[0] != '#'),
        ];
        return keys.Length > 0 ? keys : throw new LaminaException($"{file}: contains no key. Write one key per line.");
    }

    /// <summary>Reads a certificate with its private key.</summary>
    /// <param name="file">The certificate as PEM.</param>
    /// <param name="keyFile">The private key as PEM; null if it is in the same file.</param>
    /// <exception cref="LaminaException">A file cannot be read, or is not what it should be.</exception>
    public static X509Certificate2 ReadCertificate(string file, string? keyFile = null) =>
        Read(file, f => X509Certificate2.CreateFromPemFile(f, keyFile ?? f));

    /// <summary>Reads certificates of authorities.</summary>
    /// <param name="file">The certificates as PEM.</param>
    /// <exception cref="LaminaException">The file cannot be read, or contains no certificate.</exception>
    public static X509Certificate2Collection ReadAuthorities(string file)
    {
        var authorities = new X509Certificate2Collection();
        Read(
            file,
            f =>
            {
                authorities.ImportFromPemFile(f);
                return true;
            }
        );
        return authorities.Count > 0 ? authorities : throw new LaminaException($"{file}: contains no certificate.");
    }

    /// <summary>Reads the public keys of an issuer of tokens.</summary>
    /// <param name="file">RSA or elliptic-curve keys, or certificates, as PEM.</param>
    /// <exception cref="LaminaException">The file cannot be read, or contains no such key.</exception>
    public static IReadOnlyList<AsymmetricAlgorithm> ReadPublicKeys(string file)
    {
        string text = Read(file, File.ReadAllText);
        var keys = new List<AsymmetricAlgorithm>();
        for (int start = 0; PemEncoding.TryFind(text.AsSpan(start), out PemFields fields); )
        {
            string label = text[start..][fields.Label];
            string pem = text[start..][fields.Location];
            if (label.Contains("PRIVATE", StringComparison.Ordinal))
            {
                throw new LaminaException($"{file}: contains a private key, which the server must not have.");
            }
            keys.Add(Read(file, _ => label == "CERTIFICATE" ? KeyOf(X509Certificate2.CreateFromPem(pem)) : KeyOf(pem)));
            start += fields.Location.End.Value;
        }
        return keys.Count > 0 ? keys : throw new LaminaException($"{file}: contains no public key in PEM form.");
    }

    private static AsymmetricAlgorithm KeyOf(X509Certificate2 certificate) =>
        (AsymmetricAlgorithm?)certificate.GetRSAPublicKey()
        ?? certificate.GetECDsaPublicKey()
        ?? throw new CryptographicException();

    private static AsymmetricAlgorithm KeyOf(string pem)
    {
        var rsa = RSA.Create();
        try
        {
            rsa.ImportFromPem(pem);
            return rsa;
        }
        catch (Exception e) when (e is CryptographicException or ArgumentException)
        {
            rsa.Dispose();
        }
        var ecdsa = ECDsa.Create();
        try
        {
            ecdsa.ImportFromPem(pem);
            return ecdsa;
        }
        catch (ArgumentException e)
        {
            throw new CryptographicException(e.Message, e);
        }
    }

    private static T Read<T>(string file, Func<string, T> read)
    {
        try
        {
            return read(file);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new LaminaException($"{file}: cannot be read ({e.Message.TrimEnd('.')}).", e);
        }
        catch (CryptographicException e)
        {
            throw new LaminaException(
                $"{file}: is not a PEM file with what is needed: a certificate and its key, or public keys.",
                e
            );
        }
    }
}

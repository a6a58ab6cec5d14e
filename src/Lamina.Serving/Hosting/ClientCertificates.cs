using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Server.Kestrel.Https;

namespace Lamina.Serving;

/// <summary>Sets up TLS, and clients' certificates if authorities are named.</summary>
internal static class ClientCertificates
{
    public static void Configure(HttpsConnectionAdapterOptions https, ServerOptions options)
    {
        https.ServerCertificate = options.Certificate;
        if (options.ClientAuthorities.Count > 0)
        {
            https.ClientCertificateMode = ClientCertificateMode.RequireCertificate;
            https.ClientCertificateValidation = (certificate, _, _) => IsIssued(certificate, options.ClientAuthorities);
        }
    }

    private static bool IsIssued(X509Certificate2 certificate, X509Certificate2Collection authorities)
    {
        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.AddRange(authorities);
        // Authorities of one's own publish no lists of revoked certificates.
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        return chain.Build(certificate);
    }
}

using System.Security.Cryptography;

namespace Lamina.Serving;

/// <summary>Which JSON Web Tokens (JWT) let a request in, as <c>Authorization: Bearer TOKEN</c>.</summary>
public sealed class TokenOptions
{
    /// <summary>The audience that tokens must name, so that a token for another service is no use here.</summary>
    public required string Audience { get; init; }

    /// <summary>
    /// The address of the OpenID Connect provider that issues the tokens, from which its keys are loaded; null if
    /// <see cref="Keys"/> has them. Default: null.
    /// </summary>
    public Uri? Authority { get; init; }

    /// <summary>The public keys (RSA or elliptic curves) of the issuer. Default: none.</summary>
    public IReadOnlyList<AsymmetricAlgorithm> Keys { get; init; } = [];

    /// <summary>
    /// The issuer that tokens must name; null for the authority's, or for any where <see cref="Keys"/> are known. Default: null.
    /// </summary>
    public string? Issuer { get; init; }
}

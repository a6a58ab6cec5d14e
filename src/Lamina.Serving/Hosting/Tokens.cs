using System.Security.Cryptography;
using Microsoft.AspNetCore.Authentication.JwtBearer;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.IdentityModel.Tokens;

namespace Lamina.Serving;

/// <summary>Sets up the validation of JSON Web Tokens.</summary>
internal static class Tokens
{
    // Keys of the issuer are public: with a symmetric algorithm, anyone who knows them could sign.
    private static readonly string[] s_algorithms =
    [
        SecurityAlgorithms.RsaSha256,
        SecurityAlgorithms.RsaSha384,
        SecurityAlgorithms.RsaSha512,
        SecurityAlgorithms.RsaSsaPssSha256,
        SecurityAlgorithms.RsaSsaPssSha384,
        SecurityAlgorithms.RsaSsaPssSha512,
        SecurityAlgorithms.EcdsaSha256,
        SecurityAlgorithms.EcdsaSha384,
        SecurityAlgorithms.EcdsaSha512,
    ];

    /// <summary>Adds the validation.</summary>
    /// <exception cref="LaminaException">Nothing says whose tokens are good.</exception>
    public static void Add(IServiceCollection services, TokenOptions options)
    {
        if (options.Authority is null && options.Keys.Count == 0)
        {
            throw new LaminaException("tokens need an authority or its public keys. Set one of them.");
        }
        services
            .AddAuthentication(JwtBearerDefaults.AuthenticationScheme)
            .AddJwtBearer(bearer =>
            {
                bearer.Authority = options.Authority?.AbsoluteUri;
                // Metadata that came in the clear could name anyone's keys.
                bearer.RequireHttpsMetadata = options.Authority is not { IsLoopback: true };
                bearer.MapInboundClaims = false;
                bearer.TokenValidationParameters = new TokenValidationParameters
                {
                    ValidAudience = options.Audience,
                    ValidIssuer = options.Issuer,
                    ValidateIssuer = options.Issuer is not null || options.Authority is not null,
                    IssuerSigningKeys = [.. options.Keys.Select(KeyOf)],
                    ValidAlgorithms = s_algorithms,
                    ClockSkew = TimeSpan.FromMinutes(1),
                };
            });
    }

    private static SecurityKey KeyOf(AsymmetricAlgorithm key) =>
        key switch
        {
            RSA rsa => new RsaSecurityKey(rsa),
            ECDsa ecdsa => new ECDsaSecurityKey(ecdsa),
            _ => throw new LaminaException($"keys of tokens are RSA or ECDSA keys, not {key.GetType().Name}."),
        };
}

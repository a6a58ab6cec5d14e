using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using Grpc.Core;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace Lamina.Serving.Tests;

/// <summary>JSON Web Tokens: which let a request in.</summary>
public sealed class TokenTests : IDisposable
{
    private readonly RSA _rsa = RSA.Create(2048);
    private readonly ECDsa _ecdsa = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private readonly RSA _stranger = RSA.Create(2048);
    private readonly TempFolder _folder = new();

    public void Dispose()
    {
        _rsa.Dispose();
        _ecdsa.Dispose();
        _stranger.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task A_token_of_a_known_key_lets_REST_and_gRPC_in()
    {
        await using TestServer server = await StartAsync();
        foreach (string token in new[] { Token(RsaKey(_rsa)), Token(EcKey(_ecdsa)) })
        {
            Assert.Equal(HttpStatusCode.OK, await Ask(server, token));
            var headers = new Metadata { { "authorization", $"Bearer {token}" } };
            Assert.Equal("lamina", (await server.Grpc.ServerMetadataAsync(new(), headers)).Name);
        }
        Assert.Equal(HttpStatusCode.OK, (await server.Get("/v2/health/ready")).Status);
        Reply refused = await server.Get("/v2");
        Assert.Equal(HttpStatusCode.Unauthorized, refused.Status);
        Assert.Contains("token", refused.Error, StringComparison.Ordinal);
        RpcException error = await Assert.ThrowsAsync<RpcException>(async () =>
            await server.Grpc.ServerMetadataAsync(new())
        );
        Assert.Equal(StatusCode.Unauthenticated, error.StatusCode);
    }

    [Fact]
    public async Task Tokens_that_prove_nothing_are_refused()
    {
        await using TestServer server = await StartAsync();
        DateTime now = DateTime.UtcNow;
        string good = Token(RsaKey(_rsa));
        string[] bad =
        [
            Token(RsaKey(_stranger)),
            Token(RsaKey(_rsa), audience: "another service"),
            Token(RsaKey(_rsa), issuer: "another issuer"),
            Token(RsaKey(_rsa), expires: now.AddMinutes(-2)),
            Token(RsaKey(_rsa), begins: now.AddMinutes(5)),
            Token(null),
            // The public key as the secret of a symmetric algorithm.
            Token(
                new SigningCredentials(
                    new SymmetricSecurityKey(_rsa.ExportSubjectPublicKeyInfo()),
                    SecurityAlgorithms.HmacSha256
                )
            ),
            good[..^8] + "AAAAAAAA",
            good[..good.LastIndexOf('.')] + ".",
            "a.b.c",
            "",
        ];
        foreach ((int i, string token) in bad.Index())
        {
            Assert.True(await Ask(server, token) == HttpStatusCode.Unauthorized, $"token {i} is let in");
        }
        Assert.Equal(HttpStatusCode.OK, await Ask(server, good));
    }

    [Fact]
    public async Task Keys_and_tokens_work_side_by_side()
    {
        await using TestServer server = await StartAsync("key");
        Assert.Equal(HttpStatusCode.OK, await Ask(server, "key"));
        Assert.Equal(HttpStatusCode.OK, await Ask(server, Token(RsaKey(_rsa))));
        Assert.Equal(HttpStatusCode.Unauthorized, await Ask(server, "other"));
    }

    [Fact]
    public async Task The_keys_of_an_OpenID_provider_are_loaded_from_it()
    {
        await using WebApplication provider = await ProviderAsync();
        string address = provider.Urls.Single();
        var options = new ServerOptions
        {
            Tokens = new TokenOptions { Audience = "lamina", Authority = new Uri(address) },
        };
        await using TestServer server = await TestServer.StartAsync(new FakeModel(), options: options);
        Assert.Equal(HttpStatusCode.OK, await Ask(server, Token(RsaKey(_rsa, "1"), issuer: address)));
        Assert.Equal(HttpStatusCode.Unauthorized, await Ask(server, Token(RsaKey(_rsa, "1"), issuer: "another")));
        Assert.Equal(HttpStatusCode.Unauthorized, await Ask(server, Token(RsaKey(_stranger, "1"), issuer: address)));
    }

    [Fact]
    public void Tokens_need_keys_and_keys_are_public_ones_in_PEM_form()
    {
        Assert.Throws<LaminaException>(() =>
            InferenceServer.Create(
                new ServerOptions { Tokens = new TokenOptions { Audience = "a" } },
                models => models.AddModel("m", () => new FakeModel())
            )
        );
        string file = _folder["keys.pem"];
        File.WriteAllText(file, _rsa.ExportRSAPrivateKeyPem());
        Assert.Contains(
            "private key",
            Assert.Throws<LaminaException>(() => ServerFiles.ReadPublicKeys(file)).Message,
            StringComparison.Ordinal
        );
        foreach (string text in new[] { "", "nothing", "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n" })
        {
            File.WriteAllText(file, text);
            Assert.Contains("keys.pem", Assert.Throws<LaminaException>(() => ServerFiles.ReadPublicKeys(file)).Message);
        }
    }

    private async Task<TestServer> StartAsync(params string[] keys)
    {
        string file = _folder["keys.pem"];
        await File.WriteAllTextAsync(
            file,
            $"# comment\n{_rsa.ExportSubjectPublicKeyInfoPem()}\n{_ecdsa.ExportSubjectPublicKeyInfoPem()}\n"
        );
        var tokens = new TokenOptions
        {
            Audience = "lamina",
            Issuer = "https://issuer.example",
            Keys = ServerFiles.ReadPublicKeys(file),
        };
        return await TestServer.StartAsync(
            new FakeModel(),
            options: new ServerOptions { Tokens = tokens, ApiKeys = keys }
        );
    }

    /// <summary>Starts what an identity provider has of OpenID Connect's discovery.</summary>
    private async Task<WebApplication> ProviderAsync()
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        WebApplication app = builder.Build();
        app.MapGet(
            "/.well-known/openid-configuration",
            (HttpRequest request) =>
                Results.Json(new { issuer = $"http://{request.Host}", jwks_uri = $"http://{request.Host}/keys" })
        );
        JsonWebKey key = JsonWebKeyConverter.ConvertFromRSASecurityKey(
            new RsaSecurityKey(_rsa.ExportParameters(false)) { KeyId = "1" }
        );
        app.MapGet(
            "/keys",
            () =>
                Results.Json(
                    new
                    {
                        keys = new[]
                        {
                            new
                            {
                                kty = key.Kty,
                                kid = key.Kid,
                                n = key.N,
                                e = key.E,
                                use = "sig",
                            },
                        },
                    }
                )
        );
        await app.StartAsync();
        return app;
    }

    private static async Task<HttpStatusCode> Ask(TestServer server, string token)
    {
        server.Http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
        Reply reply = await server.Post("/v2/models/m/infer", BatchingTests.Request(1));
        server.Http.DefaultRequestHeaders.Authorization = null;
        return reply.Status;
    }

    private static SigningCredentials RsaKey(RSA key, string? id = null) =>
        new(new RsaSecurityKey(key) { KeyId = id }, SecurityAlgorithms.RsaSha256);

    private static SigningCredentials EcKey(ECDsa key) =>
        new(new ECDsaSecurityKey(key), SecurityAlgorithms.EcdsaSha256);

    private static string Token(
        SigningCredentials? credentials,
        string audience = "lamina",
        string issuer = "https://issuer.example",
        DateTime? begins = null,
        DateTime? expires = null
    ) =>
        new JsonWebTokenHandler { SetDefaultTimesOnTokenCreation = false }.CreateToken(
            new SecurityTokenDescriptor
            {
                Audience = audience,
                Issuer = issuer,
                NotBefore = begins ?? DateTime.UtcNow.AddMinutes(-10),
                Expires = expires ?? (begins ?? DateTime.UtcNow).AddMinutes(5),
                SigningCredentials = credentials,
            }
        );
}

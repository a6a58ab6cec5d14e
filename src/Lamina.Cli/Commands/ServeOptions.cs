using System.CommandLine;
using System.Net;
using Lamina.Serving;
using Microsoft.Extensions.Logging;

namespace Lamina.Cli;

/// <summary>The options of <c>alexnet serve</c> that set up the server.</summary>
internal sealed class ServeOptions
{
    private const int MostPort = 65535;

    private readonly Option<IPAddress> _address = new("--address")
    {
        Description = "Sets the address to listen on: 127.0.0.1 is this machine only, 0.0.0.0 every network.",
        HelpName = "IP",
        DefaultValueFactory = _ => IPAddress.Loopback,
        CustomParser = result =>
        {
            if (!IPAddress.TryParse(result.Tokens[0].Value, out IPAddress? address))
            {
                result.AddError($"--address: '{result.Tokens[0].Value}' is not an IP address.");
            }
            return address!;
        },
    };
    private readonly Option<int> _port = NumberOption.Whole(
        "--port",
        "Sets the port of REST and metrics; 0 for any free one.",
        new ServerOptions().Port,
        0,
        MostPort
    );
    private readonly Option<int> _grpcPort = NumberOption.Whole(
        "--grpc-port",
        "Sets the port of gRPC; 0 for any free one.",
        new ServerOptions().GrpcPort!.Value,
        0,
        MostPort
    );
    private readonly Option<bool> _noGrpc = new("--no-grpc") { Description = "Serves REST only." };
    private readonly Option<bool> _noPage = new("--no-page")
    {
        Description = "Serves no page for trying the models in a browser.",
    };
    private readonly Option<bool> _trainingImages = new("--training-images")
    {
        Description = "Shows the nearest training images on the page, if 'alexnet neighbors' has been run.",
    };
    private readonly Option<int> _maxBatch = NumberOption.Whole(
        "--max-batch",
        "Limits batches, and so requests, to this many images.",
        new BatchingOptions().MaxBatch,
        1,
        4096
    );
    private readonly Option<double> _maxDelay = NumberOption.Real(
        "--max-delay",
        "Lets a request wait this many milliseconds for others to share its batch.",
        0,
        0,
        60_000,
        includesMin: true
    );
    private readonly Option<int> _queue = NumberOption.Whole(
        "--queue",
        "Limits the requests that wait for a model; further ones are refused with 503.",
        new BatchingOptions().QueueLimit,
        1,
        1_000_000
    );
    private readonly Option<double?> _timeout = NumberOption.RealOrNone(
        "--timeout",
        "Limits the seconds that a request may take, the queue included. Default: no limit.",
        0,
        86_400,
        includesMin: false
    );
    private readonly Option<int> _instances = NumberOption.Whole(
        "--instances",
        "Loads each model this many times; they share the cores. One per core answers the most requests.",
        1,
        1,
        64
    );
    private readonly Option<int> _versions = NumberOption.Whole(
        "--versions",
        "Serves this many versions of each model in the repository, the highest ones.",
        1,
        1,
        1000
    );
    private readonly Option<int> _maxRequest = NumberOption.Whole(
        "--max-request",
        "Limits a request's body to this many MiB.",
        128,
        1,
        2047
    );
    private readonly Option<bool> _modelControl = new("--model-control")
    {
        Description = "Lets clients list, load and unload models.",
    };
    private readonly Option<string?> _apiKeys = new("--api-keys")
    {
        Description = "Requires one of the keys in a text file, one per line, of every request except health.",
        HelpName = "FILE",
    };
    private readonly Option<string?> _jwtAudience = new("--jwt-audience")
    {
        Description = "Accepts JSON Web Tokens for this audience; with --jwt-authority or --jwt-keys.",
        HelpName = "NAME",
    };
    private readonly Option<Uri?> _jwtAuthority = new("--jwt-authority")
    {
        Description = "Loads the keys of the tokens' issuer from this OpenID Connect provider.",
        HelpName = "URL",
        CustomParser = result =>
        {
            string value = result.Tokens[0].Value;
            if (
                !Uri.TryCreate(value, UriKind.Absolute, out Uri? address)
                || (address.Scheme != Uri.UriSchemeHttps && !address.IsLoopback)
            )
            {
                result.AddError($"--jwt-authority: '{value}' is not an address that begins with https://.");
            }
            return address;
        },
    };
    private readonly Option<string?> _jwtKeys = new("--jwt-keys")
    {
        Description = "Reads the public keys of the tokens' issuer from a PEM file.",
        HelpName = "FILE",
    };
    private readonly Option<string?> _jwtIssuer = new("--jwt-issuer")
    {
        Description = "Requires tokens of this issuer. Default: the authority; with --jwt-keys, any.",
        HelpName = "NAME",
    };
    private readonly Option<string?> _certificate = new("--certificate")
    {
        Description = "Serves over TLS with the certificate in a PEM file.",
        HelpName = "FILE",
    };
    private readonly Option<string?> _certificateKey = new("--certificate-key")
    {
        Description = "Reads the certificate's private key from a PEM file. Default: the certificate's file.",
        HelpName = "FILE",
    };
    private readonly Option<string?> _clientAuthorities = new("--client-authorities")
    {
        Description = "Requires client certificates issued by an authority in a PEM file; with --certificate.",
        HelpName = "FILE",
    };
    private readonly Option<int?> _rate = NumberOption.WholeOrNone(
        "--rate",
        "Limits each client address to this many requests per second. Default: no limit.",
        1,
        1_000_000
    );
    private readonly Option<double> _drain = NumberOption.Real(
        "--drain",
        "Waits up to this many seconds for running requests when asked to stop.",
        30,
        0,
        86_400,
        includesMin: true
    );
    private readonly Option<string> _log = new("--log")
    {
        Description = "Sets the form of the log on the error output.",
        HelpName = "text|json",
        DefaultValueFactory = _ => "text",
    };

    public ServeOptions() => _log.Accept("text", "json");

    /// <summary>The options, in the order of the help.</summary>
    public IReadOnlyList<Option> All =>
        [
            _address,
            _port,
            _grpcPort,
            _noGrpc,
            _noPage,
            _trainingImages,
            _maxBatch,
            _maxDelay,
            _queue,
            _timeout,
            _instances,
            _versions,
            _maxRequest,
            _modelControl,
            _apiKeys,
            _jwtAudience,
            _jwtAuthority,
            _jwtKeys,
            _jwtIssuer,
            _certificate,
            _certificateKey,
            _clientAuthorities,
            _rate,
            _drain,
            _log,
        ];

    /// <summary>Reports options that do not go together.</summary>
    public void Validate(System.CommandLine.Parsing.CommandResult result)
    {
        Require(_certificate, [_certificateKey, _clientAuthorities]);
        Require(_jwtAudience, [_jwtAuthority, _jwtKeys, _jwtIssuer]);
        if (
            result.GetResult(_jwtAudience) is not null
            && result.GetResult(_jwtAuthority) is null
            && result.GetResult(_jwtKeys) is null
        )
        {
            result.AddError("--jwt-audience needs --jwt-authority or --jwt-keys.");
        }

        void Require(Option needed, Option[] options)
        {
            foreach (Option option in options.Where(o => result.GetResult(needed) is null))
            {
                if (result.GetResult(option) is not null)
                {
                    result.AddError($"{option.Name} needs {needed.Name}.");
                }
            }
        }
    }

    /// <summary>Returns where the server listens, and whom it lets in.</summary>
    /// <exception cref="LaminaException">A file cannot be read.</exception>
    public ServerOptions ReadServer(ParseResult parsed, Verbosity verbosity) =>
        new()
        {
            Address = parsed.GetValue(_address)!,
            Port = parsed.GetValue(_port),
            GrpcPort = parsed.GetValue(_noGrpc) ? null : parsed.GetValue(_grpcPort),
            Page = parsed.GetValue(_noPage)
                ? null
                : new PageOptions { ShowTrainingImages = parsed.GetValue(_trainingImages) },
            ApiKeys = parsed.GetValue(_apiKeys) is { } keys ? ServerFiles.ReadKeys(keys) : [],
            Tokens = parsed.GetValue(_jwtAudience) is { } audience
                ? new TokenOptions
                {
                    Audience = audience,
                    Authority = parsed.GetValue(_jwtAuthority),
                    Keys = parsed.GetValue(_jwtKeys) is { } file ? ServerFiles.ReadPublicKeys(file) : [],
                    Issuer = parsed.GetValue(_jwtIssuer),
                }
                : null,
            Certificate = parsed.GetValue(_certificate) is { } certificate
                ? ServerFiles.ReadCertificate(certificate, parsed.GetValue(_certificateKey))
                : null,
            ClientAuthorities = parsed.GetValue(_clientAuthorities) is { } authorities
                ? ServerFiles.ReadAuthorities(authorities)
                : [],
            RequestsPerSecond = parsed.GetValue(_rate),
            ShutdownLimit = TimeSpan.FromSeconds(parsed.GetValue(_drain)),
            JsonLogs = parsed.GetValue(_log) == "json",
            LogLevel = verbosity == Verbosity.Quiet ? LogLevel.Warning : LogLevel.Information,
            LogRequests = verbosity == Verbosity.Verbose,
        };

    /// <summary>Sets limits and batching.</summary>
    public void Configure(ParseResult parsed, ServingOptions options)
    {
        options.MaxRequestBytes = (long)parsed.GetValue(_maxRequest) << 20;
        options.MaxBufferedBytes = Math.Max(options.MaxBufferedBytes, options.MaxRequestBytes);
        options.AllowModelControl = parsed.GetValue(_modelControl);
        options.Versions = parsed.GetValue(_versions);
        options.Batching = new BatchingOptions
        {
            MaxBatch = parsed.GetValue(_maxBatch),
            MaxDelay = TimeSpan.FromMilliseconds(parsed.GetValue(_maxDelay)),
            QueueLimit = parsed.GetValue(_queue),
            DefaultTimeout = parsed.GetValue(_timeout) is { } seconds ? TimeSpan.FromSeconds(seconds) : null,
            Instances = parsed.GetValue(_instances),
        };
    }
}

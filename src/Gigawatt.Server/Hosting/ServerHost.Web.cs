using Gigawatt.Server.Control;
using Gigawatt.Server.Identity;
using Gigawatt.Server.Requests;
using Gigawatt.Server.Tasks;
using Gigawatt.Server.Telemetry;
using Gigawatt.Wire.Control;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Console;

namespace Gigawatt.Server.Hosting;

/// <content>HTTP: the data path, the control API, its OpenAPI document.</content>
internal sealed partial class ServerHost
{
    private static readonly TimeSpan DrainTime = TimeSpan.FromSeconds(30);

    private async Task StartWebAsync(CancellationToken cancellationToken)
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { Args = [] });
        builder.Logging.ClearProviders().SetMinimumLevel(LogLevel.Warning)
            // A start that fails is told in one sentence by who started it.
            .AddFilter("Microsoft.Extensions.Hosting", LogLevel.None)
            .AddFilter(typeof(ConfigWatch).FullName, LogLevel.Information).AddFilter(typeof(ServerTls).FullName, LogLevel.Information)
            // Its requests' scopes and activities cost memory for each request, and nothing reads them.
            .AddFilter("Microsoft.AspNetCore.Hosting.Diagnostics", LogLevel.None).AddSimpleConsole(static o => o.SingleLine = true);
        builder.Services.Configure<ConsoleLoggerOptions>(static o => o.LogToStandardErrorThreshold = LogLevel.Trace);
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = _settings.Config.MaxBodyBytes;
            Listen(kestrel);
        });
        RequestPathState models = BuildModels();
        builder.Services.AddSingleton(_time).AddDataPath(models, Identities, Usage, ConfiguredIdentities.Gate(_settings.Config.Gate, _time))
            .AddBatches(Batches, new(_settings.Config.BatchConcurrency, _settings.Config.BatchLengthMax))
            .AddResponses(Responses, new(_settings.Config.ResponsesKept, _settings.Config.ResponsesLengthMax));
        builder.Services.AddSingleton<IHostLifetime, NoSignals>();
        builder.Services.Configure<HostOptions>(static o => o.ShutdownTimeout = DrainTime);
        builder.Services.ConfigureHttpJsonOptions(static o => o.SerializerOptions.TypeInfoResolverChain.Insert(0, ControlJson.Default));
        builder.Services.AddOpenApi("v1", ControlDocument.Describe);
        App = builder.Build();
        _parts.Push(new Draining(App));
        SeparateControl();
        App.UseDataPathErrors();
        App.MapDataPath();
        MapControl();
        await ListenAsync(cancellationToken);
    }

    private void MapControl()
    {
        byte[] secret = ServerSecret.Open(Path.Combine(Folder.Root, "identity.secret"));
        Access = new ControlAccess(secret, Identities, _time);
        var identity = new ServerIdentity(() => Url, Folder.Root, _settings.Fleet.Name, ListModels);
        RouteGroupBuilder api = App.MapGroup("/gigawatt/v1");
        RouteGroupBuilder known = api.MapGroup("").AddEndpointFilterFactory((_, next) =>
        {
            var filter = CallerFeature.Filter(Access);
            return context => filter(context, next);
        });
        var reports = new UsageReports(Usage, Ledger, _time);
        var output = new TaskOutput(Agent, Logs, _time);
        new JobEndpoints(Driver, Policy, Waiters, output, reports, _settings.Config.Tenants[0].Name).Map(known.MapGroup("/jobs").WithTags("jobs"));
        new ServerEndpoints(Driver, Policy, Access, identity, _time).Map(known.MapGroup("").WithTags("server"));
        Own(new RehearsalEndpoints(Driver, Policy, NewPolicy, _time, _settings.Config.Tenants[0].Name)).Map(known.MapGroup("").WithTags("rehearsals"));
        new QueueEndpoint(Driver).Map(known.MapGroup("").WithTags("queues"));
        new KeyEndpoints(Identities, _time).Map(known.MapGroup("/keys").WithTags("keys"));
        new TenantEndpoints(Identities).Map(known.MapGroup("").WithTags("tenants"));
        new BudgetEndpoints(Identities, _time).Map(known.MapGroup("").WithTags("budgets"));
        reports.Map(known.MapGroup("").WithTags("usage"));
        var defaults = new JoinDefaults(_settings.ThisMachine?.Site ?? 0, _settings.ThisMachine?.PerCore ?? default, _settings.ThisMachine?.CorePerHour ?? default);
        new AgentEndpoints(Driver, Remote, Logs, Access, defaults).Map(api.MapGroup("/agents").WithTags("agents"));
        App.MapOpenApi("/openapi/{documentName}.json");
        App.MapMetrics(Access, _settings.Config.MetricsPublic);
        if (OtlpExport.Start(App.Services.GetRequiredService<RequestTelemetry>(), _settings.Environment) is { } export) { Own(export); }
        App.MapGet("/healthz", static () => "ok\n").ExcludeFromDescription();
    }

    private ControlAccess Access { get; set; } = null!;

    // Disposing alone would cut requests off: stopping takes no new ones and lets those under way come to their end.
    private sealed class Draining(WebApplication app) : IAsyncDisposable
    {
        public async ValueTask DisposeAsync()
        {
            await app.StopAsync();
            await app.DisposeAsync();
        }
    }

    // The command line handles Ctrl-C and SIGTERM: one place decides when the server stops.
    private sealed class NoSignals : IHostLifetime
    {
        public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}

using System.CommandLine;
using Gigawatt.Cli.Terminal;
using Gigawatt.Configuration;
using Gigawatt.Configuration.Reading;
using Gigawatt.Units;
using Gigawatt.Wire.Control;
using Gigawatt.Workloads;

namespace Gigawatt.Cli.Commands;

/// <summary>The options that describe a job, and the job they describe.</summary>
internal sealed class SubmitOptions
{
    private static readonly Kind<int> Gpus = Kinds.Thousandths("a number of accelerators", "4", 0, 64);

    private readonly Option<string?> _file = Options.Text("--file", "FILE", "Read the job from a YAML file; options given here override its fields.");
    private readonly Option<string?> _name = Options.Text("--name", "NAME", "A name for people. Required, unless the file has one.");
    private readonly Option<int?> _cpus = Options.Value("--cpus", "N", "CPU cores for each task, such as 4 or 0.5; 1 unless given.", Kinds.Cores);
    private readonly Option<int?> _memory = Options.Value("--memory", "SIZE", "Memory for each task, such as 4GiB; asks for none unless given.", Kinds.MemoryMib);
    private readonly Option<int?> _gpus = Options.Value("--gpus", "N", "Accelerators for each task, or a part of one, such as 8 or 0.5.", Gpus);
    private readonly Option<string[]> _accelerators = Options.Texts("--accelerator", "TYPE", "A type of accelerator to accept, such as h100; repeat it for several. Any unless given.");
    private readonly Option<int?> _gang = Options.Value("--gang", "N", "Tasks that start together or not at all; 1 unless given. Each learns its rank and its peers from its environment.", Kinds.Whole(1, 1_000_000, "4"));
    private readonly Option<string?> _queue = Options.Text("--queue", "NAME", "The queue that admits it; the tenant's own unless given. `gw queues` lists them.");
    private readonly Option<string?> _priority = Options.Word("--priority", "TIER", "production, standard, early-access or spot; standard unless given.", PriorityTier);
    private readonly Option<Duration?> _timeLimit = Options.Value("--time-limit", "TIME", "The longest one attempt may run, such as 90s, 10m or 2h30m.", Kinds.Time);
    private readonly Option<Duration?> _grace = Options.Value("--grace", "TIME", "Time between SIGTERM and SIGKILL when it is stopped; 10s unless given.", Kinds.TimeFromZero);
    private readonly Option<int?> _requeues = Options.Value("--max-requeues", "N", "How often it starts again when its node fails; 3 unless given.", Kinds.Whole(0, 1_000_000, "3"));
    private readonly Option<string[]> _env = Options.Texts("--env", "NAME=VALUE", "An environment variable; repeat it for several.");
    private readonly Option<string?> _workdir = Options.Text("--workdir", "DIR", "The folder on the node in which tasks start; their own empty folder unless given.");
    private readonly Option<string?> _tenant = Options.Text("--tenant", "NAME", "The tenant that pays; your key's own unless given.");

    private static Kind<string> PriorityTier { get; } = Kinds.OneOf(
        ("production", "production"), ("standard", "standard"), ("early-access", "early-access"), ("spot", "spot"));

    private readonly Argument<string[]> _command = new("COMMAND") { Hidden = true, Arity = ArgumentArity.ZeroOrMore };

    public void AddTo(Command verb)
    {
        foreach (Option option in (Option[])[_name, _cpus, _memory, _gpus, _accelerators, _gang, _queue, _priority, _timeLimit, _grace, _requeues, _env, _workdir, _tenant, _file])
        {
            verb.Add(option);
        }

        verb.Add(_command);
    }

    /// <summary>The job, or the first thing that is wrong with it.</summary>
    public Answer<JobRequest> Read(ParseResult parse, CliHost host)
    {
        JobRequest job = Empty;
        if (parse.GetValue(_file) is { } file)
        {
            Loaded<JobSpec> loaded = JobFile.Load(host.FullPath(file));
            if (!loaded.IsValid) { return CliFailure.BadUsage(string.Join('\n', loaded.Problems)); }
            job = Request(loaded.Value);
        }

        Answer<JobRequest> answer = Override(job, parse);
        if (!answer.TryGet(out JobRequest? given, out _)) { return answer; }
        if (given.Name.Length == 0) { return CliFailure.BadUsage("The job has no name. Give it one with --name NAME."); }
        if (given.Command.Count == 0) { return CliFailure.BadUsage("The job has no command. Put it after two hyphens, as in: gw submit --name hello -- echo hello"); }
        return given;
    }

    private static JobRequest Empty { get; } = new() { Name = "", Command = [] };

    private Answer<JobRequest> Override(JobRequest job, ParseResult parse)
    {
        var env = new Dictionary<string, string>(job.Env);
        foreach (string pair in parse.GetValue(_env) ?? [])
        {
            int equals = pair.IndexOf('=', StringComparison.Ordinal);
            if (equals < 1) { return CliFailure.BadUsage($"--env: {Numbers.Quote(pair)} is not a variable. Write NAME=VALUE."); }
            env[pair[..equals]] = pair[(equals + 1)..];
        }

        return job with
        {
            Name = parse.GetValue(_name) ?? job.Name,
            Command = parse.GetValue(_command) is { Length: > 0 } command ? command : job.Command,
            Tenant = parse.GetValue(_tenant) ?? job.Tenant,
            Queue = parse.GetValue(_queue) ?? job.Queue,
            Priority = parse.GetValue(_priority) ?? job.Priority,
            Gang = parse.GetValue(_gang) ?? job.Gang,
            Cpus = parse.GetValue(_cpus) / 1000.0 ?? job.Cpus,
            MemoryMib = parse.GetValue(_memory) ?? job.MemoryMib,
            Gpus = parse.GetValue(_gpus) / 1000.0 ?? job.Gpus,
            Accelerators = parse.GetValue(_accelerators) is { Length: > 0 } types ? types : job.Accelerators,
            TimeLimitSeconds = parse.GetValue(_timeLimit)?.Seconds ?? job.TimeLimitSeconds,
            StopGraceSeconds = parse.GetValue(_grace)?.Seconds ?? job.StopGraceSeconds,
            MaxRequeues = parse.GetValue(_requeues) ?? job.MaxRequeues,
            WorkingDirectory = parse.GetValue(_workdir) ?? job.WorkingDirectory,
            Env = env,
        };
    }

    /// <summary>The request that submits a job.</summary>
    public static JobRequest Request(JobSpec spec) => new()
    {
        Name = spec.Name,
        Command = spec.Command,
        Queue = spec.Queue.Length > 0 ? spec.Queue : null,
        Priority = spec.Priority switch
        {
            Priority.Production => "production",
            Priority.EarlyAccess => "early-access",
            Priority.Spot => "spot",
            _ => "standard",
        },
        Gang = spec.GangSize,
        Cpus = spec.CpuMilli / 1000.0,
        MemoryMib = spec.MemoryMib,
        Gpus = spec.Accelerators * spec.AcceleratorMilli / 1000.0,
        Accelerators = spec.AcceleratorTypes,
        TimeLimitSeconds = spec.TimeLimit?.Seconds,
        StopGraceSeconds = spec.StopGrace.Seconds,
        MaxRequeues = spec.MaxRequeues,
        Env = new Dictionary<string, string>(spec.Environment),
        WorkingDirectory = spec.WorkingDirectory,
    };
}

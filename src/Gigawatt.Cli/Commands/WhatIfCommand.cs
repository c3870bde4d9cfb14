using System.CommandLine;
using System.Globalization;
using Gigawatt.Cli.Help;
using Gigawatt.Cli.Terminal;
using Gigawatt.Configuration;
using Gigawatt.Configuration.Reading;
using Gigawatt.Units;
using Gigawatt.Wire.Control;
using Gigawatt.Workloads;

namespace Gigawatt.Cli.Commands;

/// <summary><c>gw what-if</c>: what changes would do, tried on a copy of the cell.</summary>
internal sealed class WhatIfCommand
{
    private const int Shown = 20;
    private readonly Option<string[]> _add = Options.Texts("--add-nodes", "GROUP=N", "N more nodes like those of a group; repeat it for several.");
    private readonly Option<string[]> _drain = Options.Texts("--drain", "NAME", "Take a site or a group out of service; repeat it for several.");
    private readonly Option<string[]> _tenant = Options.Texts("--tenant-quota", "TENANT=N", "Accelerators that a tenant may hold at once; repeat it for several.");
    private readonly Option<string[]> _queue = Options.Texts("--queue-quota", "QUEUE:TYPE=N", "Accelerators of a type that are a queue's or a cohort's own; repeat it for several.");
    private readonly Option<string[]> _submit = Options.Texts("--submit", "FILE", "Submit the job of a YAML file, as for gw submit; repeat it for several.");
    private readonly Option<Duration?> _horizon = Options.Value("--horizon", "TIME", "How far to look, such as 24h; 30 days unless given.", Kinds.Time);

    public static Verb Create(CliHost host)
    {
        var options = new WhatIfCommand();
        var verb = new Verb("what-if", "Try changes on a copy of the cell: which jobs would start sooner, later, or be stopped.")
        {
            Group = "The fleet and its use",
            Options = { options._add, options._drain, options._tenant, options._queue, options._submit, options._horizon },
            Notes =
            [
                "Nothing is changed. Two copies of the cell run ahead from now, one as it is and one changed, by the code that runs the cell.",
                "It is a forecast: no other jobs come, and each job runs to its time limit. Jobs without one are taken to run on.",
            ],
            Examples =
            [
                new("would eight more nodes help?", "gw what-if --add-nodes h100=8"),
                new("what becomes of the jobs when a site goes?", "gw what-if --drain north --horizon 24h"),
                new("when would this job start?", "gw what-if --submit train.yaml"),
            ],
        };
        ConnectionOptions.Connect(verb, host, async (call, cancellationToken) =>
            options.Read(call.Parse, host).TryGet(out WhatIfRequest? request, out CliFailure? failure)
                ? call.Print(await call.Client.WhatIfAsync(request, cancellationToken), answer => Print(answer, host))
                : host.Fail(failure));
        return verb;
    }

    private Answer<WhatIfRequest> Read(ParseResult parse, CliHost host)
    {
        var wrong = new List<string>();
        var request = new WhatIfRequest
        {
            AddNodes = [.. Pairs(parse, _add, "GROUP=N", wrong).Select(p => new AddNodesRequest(p.Name, Whole(p.Number, _add.Name, wrong)))],
            Drain = parse.GetValue(_drain) ?? [],
            TenantQuotas = [.. Pairs(parse, _tenant, "TENANT=N", wrong).Select(p => new TenantQuotaRequest(p.Name, Number(p.Number, _tenant.Name, wrong)))],
            QueueQuotas = [.. Pairs(parse, _queue, "QUEUE:TYPE=N", wrong).Select(p => QueueQuota(p, wrong))],
            Submit = [.. Jobs(parse.GetValue(_submit) ?? [], host, wrong)],
        };
        if (parse.GetValue(_horizon) is { } horizon) { request.HorizonSeconds = horizon.Seconds; }
        bool nothing = request is { AddNodes.Count: 0, Drain.Count: 0, TenantQuotas.Count: 0, QueueQuotas.Count: 0, Submit.Count: 0 };
        return wrong.Count > 0 ? CliFailure.BadUsage(string.Join('\n', wrong))
            : nothing ? CliFailure.BadUsage("Name at least one change: --add-nodes, --drain, --tenant-quota, --queue-quota or --submit.")
            : request;
    }

    private static List<(string Name, string Number)> Pairs(ParseResult parse, Option<string[]> option, string form, List<string> wrong)
    {
        var pairs = new List<(string, string)>();
        foreach (string text in parse.GetValue(option) ?? [])
        {
            int equals = text.LastIndexOf('=');
            if (equals < 1 || equals == text.Length - 1) { wrong.Add($"{option.Name}: {Numbers.Quote(text)} is not of the form {form}."); }
            else { pairs.Add((text[..equals], text[(equals + 1)..])); }
        }

        return pairs;
    }

    private static int Whole(string text, string option, List<string> wrong)
    {
        if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int number) && number is >= 1 and <= 10_000_000) { return number; }
        wrong.Add($"{option}: {Numbers.Quote(text)} is not a whole number from 1 to 10,000,000.");
        return 0;
    }

    private static double Number(string text, string option, List<string> wrong)
    {
        if (double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double number) && number is >= 0 and <= 1e9) { return number; }
        wrong.Add($"{option}: {Numbers.Quote(text)} is not a number of accelerators.");
        return 0;
    }

    private QueueQuotaRequest QueueQuota((string Name, string Number) pair, List<string> wrong)
    {
        int colon = pair.Name.IndexOf(':', StringComparison.Ordinal);
        if (colon < 1 || colon == pair.Name.Length - 1) { wrong.Add($"{_queue.Name}: {Numbers.Quote(pair.Name)} names no type. Write QUEUE:TYPE=N."); }
        return new(colon < 0 ? pair.Name : pair.Name[..colon], pair.Name[(colon + 1)..], Number(pair.Number, _queue.Name, wrong));
    }

    private static IEnumerable<JobRequest> Jobs(string[] files, CliHost host, List<string> wrong)
    {
        foreach (string file in files)
        {
            Loaded<JobSpec> loaded = JobFile.Load(host.FullPath(file));
            if (loaded.IsValid) { yield return SubmitOptions.Request(loaded.Value); }
            else { wrong.AddRange(loaded.Problems.Select(static p => p.ToString())); }
        }
    }

    private static void Print(WhatIfView answer, CliHost host)
    {
        var totals = new TextTable(new($"UP TO {Words.Moment(answer.Horizon)}"), new("AS IT IS", IsNumber: true), new("CHANGED", IsNumber: true));
        totals.Add("jobs that start", Words.Count(answer.AsItIs.Started), Words.Count(answer.Changed.Started));
        totals.Add("jobs that still wait", Words.Count(answer.AsItIs.Waiting), Words.Count(answer.Changed.Waiting));
        totals.Add("mean wait from now", Wait(answer.AsItIs), Wait(answer.Changed));
        totals.Add("accelerator-hours held", Hours(answer.AsItIs), Hours(answer.Changed));
        totals.WriteTo(host);
        host.Output.WriteLine();
        if (answer.Differences.Count == 0) { host.Output.WriteLine("No job fares differently."); }
        else { PrintJobs(answer, host); }
        if (answer.EndlessJobs > 0) { host.Hint($"A forecast{WhyReport.Endless(answer.EndlessJobs)}."); }
    }

    private static void PrintJobs(WhatIfView answer, CliHost host)
    {
        var table = new TextTable(new("JOB", IsNumber: true), new("NAME"), new("STARTS"), new("THEN"), new("WHAT"));
        foreach (DifferenceView job in answer.Differences.Take(Shown))
        {
            table.Add($"{job.JobId}", job.Name, Moment(job.Start, job.Stopped), Moment(job.StartThen, running: false), What(job));
        }

        table.WriteTo(host);
        if (answer.DifferencesInAll > Shown) { host.Output.WriteLine($"and {Words.Count(answer.DifferencesInAll - Shown)} more; --json lists up to {Words.Count(answer.Differences.Count)}."); }
    }

    private static string What(DifferenceView job) =>
        job.Stopped ? "stopped and queued again"
        : job.IsNew ? "new"
        : job.StartThen is null ? "no longer starts"
        : job.Start is null ? "starts"
        : job.StartThen < job.Start ? $"{Words.Span(job.Start.Value - job.StartThen.Value)} sooner" : $"{Words.Span(job.StartThen.Value - job.Start.Value)} later";

    private static string Moment(DateTimeOffset? moment, bool running) => moment is { } known ? Words.Moment(known) : running ? "runs" : "-";

    private static string Wait(OutlookView outlook) => outlook.Started == 0 ? "-" : Words.Span(TimeSpan.FromSeconds(outlook.MeanWaitSeconds));

    private static string Hours(OutlookView outlook) => outlook.AcceleratorHoursAvailable > 0
        ? $"{Words.Number(Math.Round(outlook.AcceleratorHours, 1))} ({100 * outlook.AcceleratorHours / outlook.AcceleratorHoursAvailable:0.#} %)"
        : Words.Number(Math.Round(outlook.AcceleratorHours, 1));
}

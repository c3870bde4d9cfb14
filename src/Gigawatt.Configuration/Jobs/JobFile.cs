using Gigawatt.Configuration.Reading;
using Gigawatt.Units;
using Gigawatt.Workloads;

namespace Gigawatt.Configuration;

/// <summary>Reads a job file, one job in each. The format is described in <c>docs/reference/job-file.md</c>.</summary>
public static class JobFile
{
    private static readonly Kind<string> JobName = new("my-job", static (string text, out string value) =>
    {
        value = text;
        return text.Length is > 0 and <= 200 && !text.Any(char.IsControl) ? null : $"{Numbers.Quote(text)} is not a job's name; write 1 to 200 characters on one line";
    });

    private static readonly Kind<string> Argument = new("python3", static (string text, out string value) =>
    {
        value = text;
        return text.Contains('\0', StringComparison.Ordinal) ? "holds a null character; remove it" : null;
    });

    private static readonly Kind<(int Count, int Milli)> Accelerators = new("8", ReadAccelerators);
    private static readonly Kind<int> GangSize = Kinds.Whole(1, 1_000_000, "4");
    private static readonly Kind<int> Requeues = Kinds.Whole(0, 1_000_000, "3");
    private static readonly Kind<Priority> PriorityTier = Kinds.OneOf(
        ("production", Priority.Production), ("standard", Priority.Standard), ("early-access", Priority.EarlyAccess), ("spot", Priority.Spot));

    /// <summary>Reads a file. The job's tenant stays empty: who submits it is known by the key.</summary>
    public static Loaded<JobSpec> Load(string path)
    {
        var problems = new Problems(path);
        return ConfigFile.ReadText(path, problems) is { } text ? Parse(text, path) : problems.Result<JobSpec>(() => null!);
    }

    /// <summary>Reads the text of a file.</summary>
    /// <param name="text">The YAML.</param>
    /// <param name="fileName">What problems call it.</param>
    public static Loaded<JobSpec> Parse(string text, string fileName)
    {
        var problems = new Problems(fileName);
        if (ConfigFile.ReadRoot(text, "job", problems) is not { } map) { return problems.Result<JobSpec>(() => null!); }
        JobSpec job = Read(map);
        map.Close();
        return problems.Result(() => job);
    }

    private static JobSpec Read(MapReader map)
    {
        string name = map.Require("name", JobName);
        (int count, int milli) = map.Read("gpus", Accelerators, (0, TaskDemand.WholeAccelerator));
        var job = new JobSpec
        {
            Name = name,
            Tenant = "",
            Queue = map.ReadTextOrNull("queue", Kinds.Name, "my-queue") ?? "",
            CpuMilli = map.Read("cpus", Kinds.Cores with { Example = "1" }, 1000),
            MemoryMib = map.Read("memory", Kinds.MemoryMib, 0),
            Accelerators = count,
            AcceleratorMilli = milli,
            AcceleratorTypes = map.Texts("accelerator", Kinds.Name with { Example = "gb200" }, []),
            GangSize = map.Read("gang", GangSize, 1),
            Priority = map.Read("priority", PriorityTier, Priority.Standard),
            TimeLimit = map.ReadOrNull("time-limit", Kinds.Time),
            StopGrace = map.Read("grace", Kinds.TimeFromZero, Duration.FromSeconds(10)),
            MaxRequeues = map.Read("max-requeues", Requeues, 3),
            WorkingDirectory = map.ReadTextOrNull("workdir", Kinds.Text, "/home/me"),
            Environment = ReadEnvironment(map),
            Command = ReadCommand(map),
        };
        if (map.Has("accelerator") && !map.Has("gpus")) { map.Missing("gpus", "8"); }
        return job;
    }

    // A single text is a shell's business; a list is started as it is.
    private static IReadOnlyList<string> ReadCommand(MapReader map)
    {
        switch (map.Find("command"))
        {
            case null or TextNode { IsEmpty: true }:
                map.Missing("command", "python3 train.py");
                return [];
            case TextNode text:
                return ["/bin/sh", "-c", text.Text];
            case ListNode { Items.Count: 0 }:
                map.Wrong("command", "the list is empty; write the program and its arguments");
                return [];
            case ListNode:
                return map.Texts("command", Argument, []);
            default:
                map.Wrong("command", "this is a block of fields; write a command line such as python3 train.py, or a list of the program and its arguments");
                return [];
        }
    }

    private static List<KeyValuePair<string, string>> ReadEnvironment(MapReader map)
    {
        var variables = new List<KeyValuePair<string, string>>();
        if (map.Block("env", "environment") is not { } block) { return variables; }
        foreach (TextNode name in block.Names)
        {
            if (!IsVariableName(name.Text))
            {
                block.WrongName(name, $"{Numbers.Quote(name.Text)} is not an environment variable's name; write letters, digits and '_', not starting with a digit");
            }

            variables.Add(new(name.Text, block.Read(name.Text, Argument with { Example = "1" }, "")));
        }

        return variables;
    }

    private static bool IsVariableName(string text) =>
        text.Length > 0 && !char.IsAsciiDigit(text[0]) && text.All(static c => char.IsAsciiLetterOrDigit(c) || c == '_');

    private static string? ReadAccelerators(string text, out (int Count, int Milli) value)
    {
        value = (0, TaskDemand.WholeAccelerator);
        bool isNumber = Numbers.TryRead(text, out decimal number);
        if (isNumber && number is >= 0 and <= 64 && number % 1 == 0)
        {
            value.Count = (int)number;
            return null;
        }

        if (!isNumber || number is <= 0 or >= 1 || number * 1000 % 1 != 0)
        {
            return $"{Numbers.Quote(text)} is not a number of accelerators; write 0 to 64, or a part of one such as 0.5, and use gang for more";
        }

        value = (1, (int)(number * 1000));
        return null;
    }
}

using System.Collections;
using System.Text;

namespace Gigawatt.Agents.Node;

/// <summary>What a task finds in its environment, and how its command is written down for its supervisor.</summary>
/// <remarks>
/// A task starts from the agent's own environment without the variables that belong to Gigawatt itself and without
/// those of model providers and clouds (<see cref="WithheldPrefixes"/>): a job must not find the platform's
/// credentials. PATH, HOME, LANG and USER are always set. The launch's own variables come on top and may set
/// anything.
/// </remarks>
public static class TaskEnvironment
{
    /// <summary>Variables of the agent whose names begin with these are not handed to tasks.</summary>
    public static IReadOnlyList<string> WithheldPrefixes { get; } =
        ["GIGAWATT_", "ANTHROPIC_", "OPENAI_", "AWS_", "AZURE_", "GOOGLE_", "ASPNETCORE_"];

    /// <summary>
    /// The variable that marks every process of a task: the path of its record. By it descendants that left the
    /// process group are found.
    /// </summary>
    internal const string RecordVariable = "GIGAWATT_TASK_FOLDER";

    /// <summary>The environment under the launch's own variables.</summary>
    internal static Dictionary<string, string> Base(IDictionary agentEnvironment)
    {
        Dictionary<string, string> result = new()
        {
            ["PATH"] = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
            ["HOME"] = "/",
            ["LANG"] = "C.UTF-8",
            ["USER"] = Environment.UserName,
        };
        foreach (DictionaryEntry entry in agentEnvironment)
        {
            string name = (string)entry.Key;
            if (!WithheldPrefixes.Any(prefix => name.StartsWith(prefix, StringComparison.Ordinal)))
            {
                result[name] = (string?)entry.Value ?? "";
            }
        }

        return result;
    }

    /// <summary>Says what makes a launch impossible to carry out, or null.</summary>
    internal static string? Objection(TaskLaunch launch)
    {
        if (launch.Command.Count == 0 || launch.Command[0].Length == 0) { return "the command is empty"; }
        if (launch.Command[0][0] == '-') { return $"the command '{launch.Command[0]}' begins with a dash"; }
        if (launch.Command.Any(word => word.Contains('\0', StringComparison.Ordinal))) { return "the command contains a NUL character"; }
        foreach ((string name, string value) in launch.Environment)
        {
            if (!IsName(name)) { return $"'{name}' is not a name for an environment variable"; }
            if (name == RecordVariable) { return $"the environment variable {name} is the agent's own"; }
            if (value.Contains('\0', StringComparison.Ordinal)) { return $"the environment variable {name} contains a NUL character"; }
        }

        return launch.WorkingDirectory is { } folder && !Directory.Exists(folder)
            ? $"the working directory '{folder}' does not exist on this node"
            : null;
    }

    /// <summary>
    /// The launch as a fragment of POSIX shell that replaces the shell with the command. The variables are set here,
    /// not in the supervisor: neither its own tools nor what other users see of its command line depends on them.
    /// </summary>
    internal static string Script(TaskLaunch launch)
    {
        StringBuilder script = new();
        string folder = Path.GetFullPath(launch.WorkingDirectory ?? Environment.CurrentDirectory);
        script.Append("cd ").Append(Quote(folder)).Append(" || exit 126\n");
        foreach ((string name, string value) in launch.Environment)
        {
            script.Append("export ").Append(name).Append('=').Append(Quote(value)).Append('\n');
        }

        return script.Append("exec ").AppendJoin(' ', launch.Command.Select(Quote)).Append('\n').ToString();
    }

    private static string Quote(string text) => $"'{text.Replace("'", @"'\''", StringComparison.Ordinal)}'";

    private static bool IsName(string name) =>
        name.Length > 0 && !char.IsAsciiDigit(name[0]) && name.All(c => char.IsAsciiLetterOrDigit(c) || c == '_');
}

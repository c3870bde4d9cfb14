using System.Globalization;
using Gigawatt.Units;

namespace Gigawatt.Agents.Node;

/// <summary>
/// The record of one task, a folder of small text files. Agent, supervisor and guard meet only here, so each of
/// them can die at any moment and the others know what to do.
/// <code>
/// launch.sh       agent: the command, its variables and its working directory, as shell
/// accelerators    agent: indices of the accelerators the task holds
/// claim           whoever is first: "supervisor PID STARTTIME BOOT STARTED_NS" runs the task;
///                 "agent VERDICT" says that it never ran and how it ended
/// stop            agent: the task was told to end, and when its grace is over; written before SIGTERM is sent
/// kill            agent or guard: "killed" or "fenced"; written before SIGKILL is sent
/// status          supervisor, or who finds it dead: the <see cref="Verdict"/>
/// energy          agent: what the meters have attributed to the task so far
/// supervisor.log  supervisor: its own complaints
/// </code>
/// </summary>
internal sealed class TaskFolder(string path, TaskKey key)
{
    public TaskKey Key { get; } = key;

    public string Path { get; } = path;

    private string Claim => System.IO.Path.Combine(Path, "claim");

    private string Status => System.IO.Path.Combine(Path, "status");

    private string StopFile => System.IO.Path.Combine(Path, "stop");

    private string KillFile => System.IO.Path.Combine(Path, "kill");

    /// <summary>Writes down what to run.</summary>
    public void Fill(TaskLaunch launch)
    {
        Save("launch.sh", TaskEnvironment.Script(launch));
        Save("accelerators", string.Join(' ', launch.Accelerators));
    }

    public List<int> ReadAccelerators() =>
        [.. (Read("accelerators") ?? "").Split(' ', StringSplitOptions.RemoveEmptyEntries)
            .Select(text => int.Parse(text, CultureInfo.InvariantCulture))];

    /// <summary>Who runs the task, when a supervisor does; <paramref name="verdict"/> when an agent or guard decided that none will.</summary>
    public SupervisorClaim? ReadClaim(out Verdict? verdict)
    {
        verdict = null;
        string? text = AtomicFile.TryRead(Claim);
        if (text is null) { return null; }
        string[] words = text.TrimEnd('\n').Split(' ');
        if (words is ["supervisor", _, _, _, var at]
            && ProcessIdentity.Parse(words.AsSpan(1, 3)) is { } process
            && long.TryParse(at, NumberStyles.None, CultureInfo.InvariantCulture, out long startedAt))
        {
            return new(process, new(startedAt));
        }

        verdict = Verdict.Parse(text.StartsWith("agent ", StringComparison.Ordinal) ? text["agent ".Length..] : text);
        return null;
    }

    /// <summary>Decides that the task shall never run. False when a supervisor was faster.</summary>
    public bool TryClaimAgainst(string verdict) => AtomicFile.TryCreate(Claim, "agent " + verdict);

    public Verdict? ReadStatus() => AtomicFile.TryRead(Status) is { } text ? Verdict.Parse(text) : null;

    /// <summary>Says how a task ended whose supervisor cannot any more. What is there already stays.</summary>
    public void Conclude(string verdict) => _ = AtomicFile.TryCreate(Status, verdict);

    public Instant? ReadStopDeadline() =>
        long.TryParse(AtomicFile.TryRead(StopFile), NumberStyles.None, CultureInfo.InvariantCulture, out long deadline) ? new(deadline) : null;

    public void WriteStopDeadline(Instant deadline) =>
        AtomicFile.Write(StopFile, deadline.Nanoseconds.ToString(CultureInfo.InvariantCulture));

    /// <summary>Null, <c>killed</c> or <c>fenced</c>.</summary>
    public string? ReadKillIntent() => AtomicFile.TryRead(KillFile)?.Trim();

    public void WriteKillIntent() => AtomicFile.Write(KillFile, "killed");

    public string? Read(string name) => AtomicFile.TryRead(System.IO.Path.Combine(Path, name));

    public void Save(string name, string text) => AtomicFile.Write(System.IO.Path.Combine(Path, name), text);

    /// <summary>
    /// Removes the record: first the command, so that a supervisor that comes late has nothing to run, then the
    /// name, so that a crash leaves no half of it in sight. What cannot be deleted now is when a folder is next opened.
    /// </summary>
    public void Delete()
    {
        File.Delete(System.IO.Path.Combine(Path, "launch.sh"));
        string away = System.IO.Path.Combine(System.IO.Path.GetDirectoryName(Path)!, "." + Key);
        if (Directory.Exists(away)) { Directory.Delete(away, recursive: true); }
        Directory.Move(Path, away);
        try
        {
            Directory.Delete(away, recursive: true);
        }
        catch (IOException)
        {
            // A late supervisor is writing its own claim into it.
        }
    }
}

/// <summary>A supervisor that runs a task.</summary>
/// <param name="Process">The supervisor, whose number is also that of the task's session and group.</param>
/// <param name="StartedAt">When it claimed the task.</param>
internal sealed record SupervisorClaim(ProcessIdentity Process, Instant StartedAt);

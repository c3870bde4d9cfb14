namespace Gigawatt.Wire.Control;

/// <summary>An agent asks to join: <c>POST /gigawatt/v1/agents/join</c> with <c>Authorization: Bearer JOIN-TOKEN</c>.</summary>
/// <param name="Name">The node's name, unique in the fleet.</param>
/// <param name="Address">Where tasks of other nodes reach this one.</param>
/// <param name="CpuMilli">Thousandths of a core.</param>
/// <param name="MemoryMib">Memory in MiB.</param>
/// <param name="AcceleratorType">Type of its accelerators, or null.</param>
/// <param name="Accelerators">Accelerators it has.</param>
/// <param name="AcceleratorMemoryMib">Memory of one accelerator.</param>
public sealed record AgentJoin(
    string Name, string Address, int CpuMilli, int MemoryMib, string? AcceleratorType, int Accelerators, int AcceleratorMemoryMib);

/// <summary>The answer to a join.</summary>
/// <param name="Node">The node's name.</param>
/// <param name="Secret">What the agent shows from now on: <c>Authorization: Bearer SECRET</c>.</param>
/// <param name="LeaseSeconds">Without contact for so long, the agent must have stopped all its tasks.</param>
public sealed record AgentJoined(string Node, string Secret, double LeaseSeconds);

/// <summary>An agent's turn: <c>POST /gigawatt/v1/agents/sync</c>. The server holds the answer until it has commands, up to ten seconds.</summary>
/// <param name="Tasks">Every task the agent knows, with its state. What was acknowledged is not repeated.</param>
/// <param name="Wait">Whether the server may hold the answer.</param>
public sealed record AgentSync(IReadOnlyList<AgentTask> Tasks, bool Wait);

/// <summary>A task as its agent knows it.</summary>
/// <param name="Job">Job number.</param>
/// <param name="Attempt">Attempt.</param>
/// <param name="Rank">Place in the gang.</param>
/// <param name="State"><c>starting</c>, <c>running</c>, <c>exited</c> or <c>lost</c>.</param>
/// <param name="ExitCode">When exited.</param>
/// <param name="Reason">When lost.</param>
/// <param name="CpuMilliseconds">CPU time used, when exited.</param>
/// <param name="CpuMillijoules">Measured energy of the CPU, or null.</param>
/// <param name="AcceleratorMillijoules">Measured energy of the accelerators, or null.</param>
public sealed record AgentTask(
    long Job, int Attempt, int Rank, string State, int? ExitCode = null, string? Reason = null,
    long? CpuMilliseconds = null, long? CpuMillijoules = null, long? AcceleratorMillijoules = null);

/// <summary>What the server wants of an agent.</summary>
/// <param name="Start">Tasks that should run here. Starting one twice is starting it once.</param>
/// <param name="Stop">Tasks that should stop.</param>
/// <param name="Forget">Tasks whose end is safely recorded, or that the server does not know.</param>
public sealed record AgentOrders(IReadOnlyList<AgentStart> Start, IReadOnlyList<AgentStop> Stop, IReadOnlyList<AgentForget> Forget);

/// <summary>A task to start.</summary>
/// <param name="Job">Job number.</param>
/// <param name="Attempt">Attempt.</param>
/// <param name="Rank">Place in the gang.</param>
/// <param name="Command">Program and arguments.</param>
/// <param name="Env">Environment variables, the gang's and accelerators' included.</param>
/// <param name="WorkingDirectory">Folder in which it starts; null is its own empty folder.</param>
/// <param name="Accelerators">Numbers of the accelerators it holds.</param>
public sealed record AgentStart(
    long Job, int Attempt, int Rank, IReadOnlyList<string> Command, IReadOnlyDictionary<string, string> Env,
    string? WorkingDirectory, IReadOnlyList<int> Accelerators);

/// <summary>A task to stop.</summary>
/// <param name="Job">Job number.</param>
/// <param name="Attempt">Attempt.</param>
/// <param name="Rank">Place in the gang.</param>
/// <param name="GraceSeconds">Seconds between SIGTERM and SIGKILL.</param>
public sealed record AgentStop(long Job, int Attempt, int Rank, double GraceSeconds);

/// <summary>A task to forget.</summary>
/// <param name="Job">Job number.</param>
/// <param name="Attempt">Attempt.</param>
/// <param name="Rank">Place in the gang.</param>
public sealed record AgentForget(long Job, int Attempt, int Rank);

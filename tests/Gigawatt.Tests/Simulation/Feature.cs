namespace Gigawatt.Tests.Simulation;

/// <summary>What a run has beside nodes and jobs. Each is on or off by a coin for each seed (swarm testing: Groce et al., ISSTA
/// 2012): a run with everything on hides what only some of it brings about.</summary>
[Flags]
internal enum Feature
{
    None = 0,
    Agents = 1 << 0,
    AgentsAway = 1 << 1,
    NodesLost = 1 << 2,
    Gangs = 1 << 3,
    Fractions = 1 << 4,
    Priorities = 1 << 5,
    TimeLimits = 1 << 6,
    Cancels = 1 << 7,
    TasksFail = 1 << 8,
    TasksLost = 1 << 9,
    Queues = 1 << 10,
    Quotas = 1 << 11,
    LimitsChange = 1 << 12,
    FleetChanges = 1 << 13,
    Drops = 1 << 14,
    MeterJumps = 1 << 15,
    ReportsTwice = 1 << 16,
    ClockGoesBack = 1 << 17,
    Burst = 1 << 18,
    OtherPolicy = 1 << 19,
    All = (1 << 20) - 1,
}

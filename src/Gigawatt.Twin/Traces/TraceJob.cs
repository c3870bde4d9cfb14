using Gigawatt.Units;
using Gigawatt.Workloads;

namespace Gigawatt.Twin.Traces;

/// <summary>A job of a trace.</summary>
/// <param name="Spec">What it asks for.</param>
/// <param name="Submitted">When it was submitted.</param>
/// <param name="RunTime">How long each of its tasks runs; null when the trace does not say: then it never ends.</param>
public sealed record TraceJob(JobSpec Spec, Instant Submitted, Duration? RunTime);

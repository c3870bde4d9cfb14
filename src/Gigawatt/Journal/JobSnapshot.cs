using Gigawatt.Fleet;
using Gigawatt.Units;
using Gigawatt.Workloads;

namespace Gigawatt.Journal;

/// <summary>A job's part of a snapshot.</summary>
internal static class JobSnapshot
{
    public static void Write(ByteWriter w, Job job, CellState cell)
    {
        w.Signed(job.Id);
        ModelCodec.Write(w, job.Spec);
        JobSpecFields.Write(w, job.Spec);
        w.Signed(job.Submitted.Nanoseconds);
        w.Byte((byte)job.Phase);
        w.Signed(job.Attempt);
        w.Signed(job.Requeues);
        w.Signed(job.NotBefore.Nanoseconds);
        w.Optional(job.Placed?.Nanoseconds);
        w.Optional(job.Ended?.Nanoseconds);
        w.Optional(job.ExitCode);
        w.Byte((byte)job.StopCause);
        w.Text(job.Note);
        w.Text(job.PlacedBy);
        JobStateFields.Write(w, job);
        // A refused job has no tasks and never got a shape.
        w.Unsigned(job._tasks.Length == 0 ? 0 : cell.Shapes[job.Shape].AcceleratorTypes);
        w.List(job._tasks, static (w, task) =>
        {
            w.Signed(task.Placement.Node);
            w.Unsigned(task.Placement.AcceleratorMask);
            w.Signed(task.Port);
            w.Optional(task.Started?.Nanoseconds);
            w.Bool(task.Ended);
            w.Optional(task.ExitCode);
        });
    }

    public static void Read(ref ByteReader r, CellState cell, byte format)
    {
        long id = r.Signed();
        JobSpec spec = ModelCodec.ReadSpec(ref r);
        string queue = "";
        if (format == Snapshot.FirstWithQueues)
        {
            spec = spec with { Queue = r.Text() };
            queue = r.Text();
        }

        if (format >= Snapshot.FirstWithFields) { spec = JobSpecFields.Read(ref r, spec); }

        var job = new Job(id, spec, new Instant(r.Signed()))
        {
            Queue = queue,
            QueueNode = cell.Queues.Find(queue),
            Phase = (JobPhase)r.Byte(),
            Attempt = r.Int(),
            Requeues = r.Int(),
            NotBefore = new Instant(r.Signed()),
            Placed = r.Optional() is { } placed ? new Instant(placed) : null,
            Ended = r.Optional() is { } ended ? new Instant(ended) : null,
            ExitCode = (int?)r.Optional(),
            StopCause = (StopCause)r.Byte(),
            Note = r.Text(),
            PlacedBy = r.Text(),
        };
        if (format >= Snapshot.FirstWithFields) { JobStateFields.Read(ref r, job, cell); }
        ulong types = r.Unsigned();
        int tasks = r.Count();
        cell.Jobs.Add(job);
        if (tasks == 0) { return; }
        var demand = new TaskDemand(spec.CpuMilli, spec.MemoryMib, spec.Accelerators, spec.Accelerators == 0 ? 0 : spec.AcceleratorMilli, types);
        job.Shape = cell.Shapes.NumberOf(demand);
        job.MakeTasks();
        if (tasks != job._tasks.Length) { throw new JournalFormatException($"Job {id} has {tasks} tasks and a gang size of {job._tasks.Length}."); }
        foreach (TaskState task in job._tasks) { ReadTask(ref r, job, task, cell, demand); }
    }

    private static void ReadTask(ref ByteReader r, Job job, TaskState task, CellState cell, in TaskDemand demand)
    {
        task.Placement = new TaskPlacement(r.Int(), r.Unsigned());
        task.Port = r.Int();
        task.Started = r.Optional() is { } started ? new Instant(started) : null;
        task.Ended = r.Bool();
        task.ExitCode = (int?)r.Optional();
        job.TasksStarted += task.Started is null ? 0 : 1;
        job.TasksEnded += task.Ended ? 1 : 0;
        if (!job.Phase.HoldsCapacity() || task.Ended) { return; }
        cell.Fleet.Hold(demand, task.Placement);
        cell.Quotas.Hold(job.Spec.Tenant, demand.TotalAcceleratorMilli);
        cell.Queues.Hold(job.QueueNode, cell.Fleet.AcceleratorTypeOf(task.Placement.Node), demand.TotalAcceleratorMilli, cell.Now);
    }
}

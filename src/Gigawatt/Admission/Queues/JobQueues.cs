using Gigawatt.Fleet;
using Gigawatt.Workloads;

namespace Gigawatt.Admission.Queues;

/// <summary>Which queue each job is in.</summary>
internal static class JobQueues
{
    /// <summary>Why a job is taken by no queue, or could never be admitted by the one it names; null when it can, or when there are no queues.</summary>
    public static Refusal? Check(CellState cell, JobSpec spec, in TaskDemand demand)
    {
        QueueTree tree = cell.Queues;
        if (!tree.IsActive)
        {
            return spec.Queue.Length == 0 ? null : new(RefusalKind.UnknownQueue, $"There is no queue '{spec.Queue}': none are configured. Leave the queue out.");
        }

        string name = spec.Queue.Length > 0 ? spec.Queue : tree.DefaultOf(spec.Tenant);
        if (name.Length == 0) { return Unknown(tree, spec, $"Tenant '{spec.Tenant}' has no queue of its own and the job names none."); }
        if (tree.Find(name) is not { } queue) { return Unknown(tree, spec, $"There is no queue '{name}' for jobs of tenant '{spec.Tenant}'."); }
        if (!queue.Takes(spec.Tenant)) { return Unknown(tree, spec, $"Queue '{name}' takes no jobs of tenant '{spec.Tenant}'."); }
        return CheckPotential(cell, queue, spec, demand);
    }

    private static Refusal Unknown(QueueTree tree, JobSpec spec, string why)
    {
        string open = string.Join(", ", tree.OpenTo(spec.Tenant));
        return new(RefusalKind.UnknownQueue, $"{why} {(open.Length > 0 ? $"It may use {open}." : "No queue takes its jobs.")}");
    }

    /// <summary>Puts a job into its queue.</summary>
    public static void Assign(CellState cell, Job job)
    {
        if (!cell.Queues.IsActive) { return; }
        if (job.Queue.Length == 0) { job.Queue = job.Spec.Queue.Length > 0 ? job.Spec.Queue : cell.Queues.DefaultOf(job.Spec.Tenant); }
        job.QueueNode = cell.Queues.Find(job.Queue);
    }

    /// <summary>Brings other queues into force. Jobs that run go on, and count where their queue is now; jobs that wait, wait there.</summary>
    public static void Replace(CellState cell, QueueModel model)
    {
        QueueTree earlier = cell.Queues;
        cell.Queues = new QueueTree(model);
        cell.Queues.Bind(cell.Fleet);
        foreach (Job job in cell.Jobs.InOrder())
        {
            job.QueueNode = null;
            if (job.Phase.IsEnded()) { continue; }
            Assign(cell, job);
            if (!job.Phase.HoldsCapacity()) { continue; }
            foreach (TaskState task in job._tasks)
            {
                if (task.Ended) { continue; }
                cell.Queues.Hold(job.QueueNode, cell.Fleet.AcceleratorTypeOf(task.Placement.Node), cell.Shapes[job.Shape].TotalAcceleratorMilli, cell.Now);
            }
        }

        cell.Queues.Remember(earlier, cell.Now);
        cell.Queue.Reorder();
    }

    private static Refusal? CheckPotential(CellState cell, QueueNode queue, JobSpec spec, in TaskDemand demand)
    {
        long milli = (long)demand.TotalAcceleratorMilli * spec.GangSize;
        if (milli == 0) { return null; }
        long most = -1;
        string of = "";
        Refusal? unfit = null;
        foreach (int type in queue.Order)
        {
            int known = cell.Queues.FleetTypeOf(type);
            if (known < 0 || !demand.Accepts(known)) { continue; }
            long potential = queue.Levels[type].Potential;
            if (potential > most) { (most, of) = (potential, cell.Queues.Types[type]); }
            if (potential < milli) { continue; }
            // A job is admitted to one type, so one type must have room for it.
            unfit = JobAdmission.CheckFit(cell.Fleet, spec, demand with { AcceleratorTypes = 1UL << known });
            if (unfit is null) { return null; }
        }

        return unfit ?? new(RefusalKind.OverQuota, most < 0
            ? $"Queue '{queue.Name}' has no quota for the accelerators that the job accepts; it has {string.Join(", ", queue.Order.Select(type => cell.Queues.Types[type]))}."
            : $"The job holds {milli / 1000.0:0.###} accelerators at once; queue '{queue.Name}' may never hold more than {most / 1000.0:0.###} {of}, borrowed ones included.");
    }
}

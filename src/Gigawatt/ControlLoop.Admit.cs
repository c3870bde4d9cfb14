using Gigawatt.Admission;
using Gigawatt.Admission.Queues;
using Gigawatt.Execution;
using Gigawatt.Fleet;
using Gigawatt.Units;
using Gigawatt.Workloads;

namespace Gigawatt;

/// <content>What each event about jobs and nodes does to the state.</content>
public sealed partial class ControlLoop
{
    /// <summary>Why a job would be refused, or null. Asked before a submission is journalled, so that a refused job changes nothing.</summary>
    public Refusal? Check(JobSpec spec)
    {
        ArgumentNullException.ThrowIfNull(spec);
        return JobAdmission.Check(State, spec, out _);
    }

    private void Submit(JobSubmitted submitted)
    {
        var job = new Job(submitted.JobId, submitted.Spec, State.Now);
        State.Jobs.Add(job);
        if (JobAdmission.Check(State, job.Spec, out TaskDemand demand) is { } refusal)
        {
            job.Note = refusal.Message;
            _lifecycle.End(job, job.Spec.WhenItDoesNotFit == WhenItDoesNotFit.Drop ? JobPhase.Dropped : JobPhase.Failed);
            return;
        }

        JobQueues.Assign(State, job);
        job.Shape = State.Shapes.NumberOf(demand);
        job.MakeTasks();
        State.Queue.Add(job);
    }

    private void SetQuota(QuotaSet set)
    {
        State.Quotas.Set(set.Tenant, set.AcceleratorMilli);
        State.Queue.Wake();
    }

    private void SetQueues(QueueModel model)
    {
        if (!QueueModel.AreSame(model, State.Queues.Model)) { JobQueues.Replace(State, model); }
    }

    private void Describe(FleetModel model)
    {
        IReadOnlyList<int> left = State.Fleet.Apply(model);
        State.Queues.Bind(State.Fleet);
        foreach (int group in left) { _lifecycle.LoseTasksOn(group, "its node left the fleet"); }
    }

    private void Join(NodeJoined joined)
    {
        int type = joined.AcceleratorType is { } accelerator ? State.Fleet.NumberOfType(accelerator) : -1;
        State.Queues.Bind(State.Fleet);
        NodeGroup node = joined.Node with { AcceleratorType = type };
        int known = State.Fleet.FindSingleNode(node.Name);
        if (known >= 0 && State.Fleet.GroupOf(known) == node)
        {
            BringUp(known);
            return;
        }

        if (known >= 0) { _lifecycle.LoseTasksOn(State.Fleet.GroupIndexOf(known), "its node came back with another capacity"); }
        BringUp(State.Fleet.AddJoined(node));
    }

    /// <summary>A node's agent is in contact: it takes work now, or when its quarantine is over.</summary>
    private void BringUp(int node)
    {
        Instant until = State.Quarantine.UntilOf(State.Fleet.NameOf(node));
        if (until <= State.Now)
        {
            State.Fleet.SetStatus(node, NodeStatus.Up);
            return;
        }

        if (State.Fleet.StatusOf(node) == NodeStatus.Quarantined) { return; }
        State.Fleet.SetStatus(node, NodeStatus.Quarantined);
        State.Deadlines.Add(until, new Deadline(DeadlineKind.Quarantine, node, 0));
    }

    private void Release(string name)
    {
        State.Quarantine.Release(name);
        int node = State.Fleet.FindSingleNode(name);
        if (node >= 0 && State.Fleet.StatusOf(node) == NodeStatus.Quarantined) { State.Fleet.SetStatus(node, NodeStatus.Up); }
    }

    private void Lose(string name)
    {
        int node = State.Fleet.FindSingleNode(name);
        if (node < 0) { return; }
        State.Fleet.SetStatus(node, NodeStatus.Down);
        State.Quarantine.Lose(name, State.Now);
        _lifecycle.LoseTasksOn(State.Fleet.GroupIndexOf(node), $"node {name} was out of contact");
    }
}

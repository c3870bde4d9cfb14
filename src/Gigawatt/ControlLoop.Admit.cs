using Gigawatt.Admission;
using Gigawatt.Admission.Queues;
using Gigawatt.Execution;
using Gigawatt.Fleet;
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
            State.Fleet.SetStatus(known, NodeStatus.Up);
            return;
        }

        if (known >= 0) { _lifecycle.LoseTasksOn(State.Fleet.GroupIndexOf(known), "its node came back with another capacity"); }
        State.Fleet.SetStatus(State.Fleet.AddJoined(node), NodeStatus.Up);
    }

    private void Lose(string name)
    {
        int node = State.Fleet.FindSingleNode(name);
        if (node < 0) { return; }
        State.Fleet.SetStatus(node, NodeStatus.Down);
        _lifecycle.LoseTasksOn(State.Fleet.GroupIndexOf(node), $"node {name} was out of contact");
    }
}

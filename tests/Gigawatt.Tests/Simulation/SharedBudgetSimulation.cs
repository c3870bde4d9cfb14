using Gigawatt.Admission;
using Gigawatt.Tenants;
using Gigawatt.Units;

namespace Gigawatt.Tests.Simulation;

/// <summary>
/// Goal: a budget that replicas share is never exceeded. Method: replicas with clocks of their own take leases over a network that
/// loses, doubles and delays messages; requests come, are delivered in pieces, end, or are left by their clients; replicas crash at
/// any step and come back; days end; the limit changes. After every step the bounds of what is open and the actuals of what has
/// ended are summed by the day that granted them, beside the pool and without it.
/// </summary>
public sealed class SharedBudgetSimulation
{
    private static readonly Instant Start = Instant.From(new DateTimeOffset(2026, 11, 23, 20, 0, 0, TimeSpan.Zero));

    [Fact]
    public void Replicas_never_spend_more_than_the_budget_whatever_is_lost_and_whoever_crashes()
    {
        long admitted = 0, crashed = 0, days = 0;
        Seeds.Run(400, random =>
        {
            var world = new World(random);
            for (int step = 0; step < 1_500; step++) { world.Step(); }
            Interlocked.Add(ref admitted, world.Admitted);
            Interlocked.Add(ref crashed, world.Crashes);
            Interlocked.Add(ref days, world.Days);
        });
        Assert.True(admitted > 0 && crashed > 0 && days > 0, "Nothing happened, so nothing was tried.");
    }

    private sealed class World
    {
        private readonly Random _random;
        private readonly BudgetPool _pool;
        private readonly List<Replica> _replicas = [];
        private readonly List<Action> _network = [];
        private readonly Dictionary<Instant, (long Used, long Limit)> _byDay = [];
        private readonly Dictionary<long, Instant> _dayOfLease = [];
        private Instant _now = Start;
        private long _nextLease;

        public World(Random random)
        {
            _random = random;
            _pool = new(new(new Usd(random.Next(100, 5_000)), BudgetPeriod.Day), 0, _now);
            _byDay[_pool.PeriodEnd] = (0, _pool.Limit.Amount);
            for (int i = random.Next(1, 6); i > 0; i--) { _replicas.Add(new(this, new(random.NextInt64(-40_000_000_000, 40_000_000_000)))); }
        }

        public long Admitted { get; private set; }

        public long Crashes { get; private set; }

        public long Days => _byDay.Count - 1;

        public void Step()
        {
            long before = _pool.Committed;
            Instant day = _pool.PeriodEnd;
            Replica replica = _replicas[_random.Next(_replicas.Count)];
            switch (_random.Next(100))
            {
                case < 30: replica.TakeRequest(_random.Next(1, 400)); break;
                case < 60: replica.Progress(); break;
                case < 75: replica.Ask(); break;
                case < 80: replica.GiveBack(); break;
                case < 92: Deliver(); break;
                case < 94: replica.Crash(); Crashes++; break;
                case < 95: ChangeLimit(); break;
                default: Wait(); break;
            }

            Check(before, day);
        }

        private void Wait()
        {
            // Seconds mostly, hours at times, so that leases end by themselves and days do.
            _now += Duration.FromSeconds(_random.Next(20) == 0 ? _random.Next(36_000) : _random.Next(30));
            _pool.Expire(_now);
            _byDay.TryAdd(_pool.PeriodEnd, (0, _pool.Limit.Amount));
        }

        private void ChangeLimit()
        {
            _pool.Limit = _pool.Limit with { Amount = _random.Next(100, 5_000) };
            (long used, long limit) = _byDay[_pool.PeriodEnd];
            _byDay[_pool.PeriodEnd] = (used, Math.Max(limit, _pool.Limit.Amount));
        }

        /// <summary>Any message under way arrives, and may stay under way to arrive again; or it is lost.</summary>
        private void Deliver()
        {
            if (_network.Count == 0) { return; }
            int which = _random.Next(_network.Count);
            Action message = _network[which];
            if (_random.Next(5) > 0) { _network.RemoveAt(which); }
            if (_random.Next(5) > 0) { message(); }
        }

        private void Check(long before, Instant day)
        {
            Assert.True(_pool.Committed <= Math.Max(_pool.Limit.Amount, _pool.PeriodEnd == day ? before : 0), "The pool granted more than its limit.");
            foreach ((long used, long limit) in _byDay.Values) { Assert.True(used <= limit, $"{used} was used of {limit}."); }
            Assert.True(_byDay[_pool.PeriodEnd].Used <= _pool.Committed, "More was used than the pool knows of.");
        }

        private void Use(long lease, long change)
        {
            (long used, long limit) = _byDay[_dayOfLease[lease]];
            _byDay[_dayOfLease[lease]] = (used + change, limit);
        }

        private sealed class Replica(World world, Duration skew)
        {
            private readonly List<Request> _open = [];
            private BudgetLease? _lease;
            private Instant _expires;
            private long _asked;

            private Instant Now => world._now + skew;

            public void TakeRequest(long bound)
            {
                if (_lease is null || !_lease.TryReserve(bound, Now)) { return; }
                world.Admitted++;
                world.Use(_lease.Id, bound);
                _open.Add(new(_lease, bound, world._random.NextInt64(bound + 1)));
            }

            /// <summary>A request is noted in the journal, then delivered piece by piece, then settled; or its client leaves.</summary>
            public void Progress()
            {
                if (_open.Count == 0) { return; }
                int which = world._random.Next(_open.Count);
                Request request = _open[which];
                if (!request.Journalled) { _open[which] = request with { Journalled = true }; }
                else if (request.Delivered < request.Actual && world._random.Next(4) > 0)
                {
                    _open[which] = request with { Delivered = request.Delivered + world._random.NextInt64(request.Actual - request.Delivered + 1) };
                }
                else
                {
                    // A client that left pays for what came.
                    request.Lease.Settle(request.Bound, request.Delivered);
                    world.Use(request.Lease.Id, request.Delivered - request.Bound);
                    _open.RemoveAt(which);
                }
            }

            public void Ask()
            {
                // A lease that is over is let go of; what is open under it settles into it and reaches nobody.
                if (_lease is null || (_expires > Instant.Epoch && Now >= _expires)) { (_lease, _asked, _expires) = (new(++world._nextLease), 0, Instant.Epoch); }
                BudgetLease lease = _lease;
                if (lease.Granted == _asked) { _asked += world._random.Next(0, 1_000); }
                long asked = _asked;
                world._network.Add(() =>
                {
                    if (!world._pool.TryGrant(lease.Id, asked, world._now, out Instant expires)) { return; }
                    // Doubled and late askings find the lease of another day opened anew: that is another lease to the books.
                    if (!world._dayOfLease.TryAdd(lease.Id, world._pool.PeriodEnd) && world._dayOfLease[lease.Id] != world._pool.PeriodEnd) { return; }
                    world._network.Add(() =>
                    {
                        if (!ReferenceEquals(lease, _lease)) { return; }
                        lease.Take(asked, expires);
                        _expires = expires;
                    });
                });
            }

            public void GiveBack()
            {
                if (_lease is not { } lease) { return; }
                long returned = lease.GiveBack(world._random.Next(300));
                world._network.Add(() => world._pool.Return(lease.Id, returned, world._now));
            }

            /// <summary>Memory is gone. What is in the journal is charged at its bound; what is not was never sent to anybody.</summary>
            public void Crash()
            {
                foreach (Request request in _open.Where(r => !r.Journalled)) { world.Use(request.Lease.Id, -request.Bound); }
                _open.Clear();
                _lease = null;
            }
        }

        private sealed record Request(BudgetLease Lease, long Bound, long Actual)
        {
            public bool Journalled { get; init; }

            public long Delivered { get; init; }
        }
    }
}

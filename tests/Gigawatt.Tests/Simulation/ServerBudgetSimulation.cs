using Gigawatt.Admission;
using Gigawatt.Tenants;
using Gigawatt.Units;

namespace Gigawatt.Tests.Simulation;

/// <summary>
/// Goal: no budget of a server is exceeded, and none is charged less than was delivered. Method: keys of two projects of a tenant,
/// with budgets in all four units and over all periods, send requests that are reserved, noted in the journal, delivered in pieces
/// and settled, in any interleaving; clients leave; the server dies between any two steps and starts again from what the journal
/// and the ledger hold; days, weeks and months end; limits change. After every step each account is compared with sums that are
/// kept beside it.
/// </summary>
public sealed class ServerBudgetSimulation
{
    private static readonly Instant Start = Instant.From(new DateTimeOffset(2026, 11, 29, 22, 0, 0, TimeSpan.Zero));

    [Fact]
    public void No_budget_is_exceeded_or_charged_less_than_was_delivered_wherever_the_server_dies()
    {
        long admitted = 0, refused = 0, crashes = 0;
        Seeds.Run(300, random =>
        {
            var world = new World(random);
            for (int step = 0; step < 800; step++) { world.Step(); }
            Interlocked.Add(ref admitted, world.Admitted);
            Interlocked.Add(ref refused, world.Refused);
            Interlocked.Add(ref crashes, world.Crashes);
        });
        Assert.True(admitted > 0 && refused > 0 && crashes > 0, "Nothing happened, so nothing was tried.");
    }

    /// <summary>A line of the ledger.</summary>
    private sealed record Line(int Key, string Model, Charge Charge, Instant Started);

    private sealed record Work(int Key, string Model, Charge Actual, RequestHold Hold, Instant Started)
    {
        public bool Journalled { get; init; }

        /// <summary>Whether its settlement is in the journal; what it holds beyond that is not given back yet.</summary>
        public bool Noted { get; init; }

        /// <summary>Parts of a hundred.</summary>
        public int Delivered { get; init; }

        public Charge Came => Share(Actual, Delivered);
    }

    private sealed class World
    {
        private const int Keys = 4;
        private static readonly string[] Models = ["claude-a", "claude-b", "gpt-a"];

        private readonly Random _random;
        private readonly List<(Func<int, bool> Has, BudgetLimit Limit)> _budgets = [];
        private readonly List<Line> _ledger = [];
        private readonly List<Work> _open = [];
        private BudgetAccount[] _accounts = [];
        private CallerAccounts[] _callers = [];
        private long[] _most = [];
        private Instant _now = Start;

        public World(Random random)
        {
            _random = random;
            AddBudgets(static _ => true);
            AddBudgets(static key => key < 2);
            AddBudgets(static key => key >= 2);
            for (int key = 0; key < Keys; key++)
            {
                int own = key;
                AddBudgets(k => k == own);
            }

            Boot();
        }

        public long Admitted { get; private set; }

        public long Refused { get; private set; }

        public long Crashes { get; private set; }

        public void Step()
        {
            switch (_random.Next(100))
            {
                case < 40: Admit(); break;
                case < 90: Progress(); break;
                case < 92: Crash(); break;
                case < 95: ChangeLimit(); break;
                default: _now += Duration.FromSeconds(_random.Next(10) == 0 ? _random.Next(200_000) : _random.Next(600)); break;
            }

            Check();
        }

        private void AddBudgets(Func<int, bool> has)
        {
            for (int i = _random.Next(4); i > 0; i--)
            {
                var unit = (BudgetUnit)_random.Next(4);
                _budgets.Add((has, new(unit, _random.Next(0, 4_000), (BudgetPeriod)_random.Next(4), _random.Next(3) == 0 ? "claude-*" : "*")));
            }
        }

        /// <summary>Accounts as a start makes them: from the ledger alone.</summary>
        private void Boot()
        {
            _accounts = [.. _budgets.Select(b =>
            {
                Instant from = b.Limit.PeriodAt(_now).Start;
                return new BudgetAccount(b.Limit, _ledger.Where(l => b.Has(l.Key) && l.Started >= from && ModelPattern.Matches(b.Limit.Model, l.Model)).Sum(l => l.Charge.In(b.Limit.Unit)), _now);
            })];
            _most = [.. _accounts.Select(static a => Math.Max(a.Limit.Amount, a.Committed))];
            _callers = [.. Enumerable.Range(0, Keys).Select(key => new CallerAccounts(
                _accounts.Where((_, i) => _budgets[i].Has(key)).Select(static a => new BudgetEntry(AccountScope.Tenant, "", a)), []))];
        }

        private void Admit()
        {
            int key = _random.Next(Keys);
            string model = Models[_random.Next(Models.Length)];
            var bound = new Charge(new(_random.Next(500)), _random.Next(300), _random.Next(300), new(_random.Next(500)), new(_random.Next(500)));
            if (_callers[key].Reserve(model, bound, _now, out RequestHold? hold, out Shortage shortage) != RequestRefusal.None)
            {
                Refused++;
                Assert.NotNull(shortage.Budget);
                return;
            }

            Admitted++;
            // Each unit by itself: a model may be cheap and hungry.
            var actual = new Charge(new(Below(bound.Cost.Micros)), Below(bound.InputTokens), Below(bound.OutputTokens), new(Below(bound.Energy.Millijoules)), new(Below(bound.Carbon.Micrograms)));
            _open.Add(new(key, model, actual, hold!, _now));
        }

        private long Below(long bound) => _random.NextInt64(bound + 1);

        private void Progress()
        {
            if (_open.Count == 0) { return; }
            int which = _random.Next(_open.Count);
            Work work = _open[which];
            if (!work.Journalled)
            {
                // The client may leave, or no endpoint may be there, before anything is sent.
                if (_random.Next(10) > 0) { _open[which] = work with { Journalled = true }; }
                else
                {
                    work.Hold.Release();
                    _open.RemoveAt(which);
                }
            }
            else if (!work.Noted && work.Delivered < 100 && _random.Next(6) > 0) { _open[which] = work with { Delivered = Math.Min(100, work.Delivered + _random.Next(1, 80)) }; }
            else if (!work.Noted) { _open[which] = work with { Noted = true }; }
            else
            {
                work.Hold.Settle(work.Came);
                _ledger.Add(LineOf(work));
                _open.RemoveAt(which);
            }
        }

        private void Crash()
        {
            Crashes++;
            _ledger.AddRange(_open.Where(static w => w.Journalled).Select(LineOf));
            _open.Clear();
            Boot();
        }

        private static Line LineOf(Work work) => new(work.Key, work.Model, work.Noted ? work.Came : work.Hold.Bound, work.Started);

        private void ChangeLimit()
        {
            if (_accounts.Length == 0) { return; }
            int which = _random.Next(_accounts.Length);
            BudgetLimit limit = _budgets[which].Limit with { Amount = _random.Next(0, 4_000) };
            _budgets[which] = (_budgets[which].Has, limit);
            _accounts[which].Limit = limit;
            _most[which] = Math.Max(_most[which], limit.Amount);
        }

        private void Check()
        {
            for (int i = 0; i < _accounts.Length; i++)
            {
                BudgetLimit limit = _budgets[i].Limit;
                Instant end = _accounts[i].PeriodEnd;
                bool Theirs(int key, string model, Instant started) =>
                    _budgets[i].Has(key) && ModelPattern.Matches(limit.Model, model) && limit.PeriodAt(started).End == end;
                long settled = _ledger.Where(l => Theirs(l.Key, l.Model, l.Started)).Sum(l => l.Charge.In(limit.Unit));
                long reserved = _open.Where(w => Theirs(w.Key, w.Model, w.Started)).Sum(w => w.Hold.Bound.In(limit.Unit));
                long delivered = _open.Where(w => Theirs(w.Key, w.Model, w.Started)).Sum(w => w.Came.In(limit.Unit));
                Assert.Equal(settled + reserved, _accounts[i].Committed);
                Assert.True(_accounts[i].Committed <= _most[i], $"{_accounts[i].Committed} of {limit} are committed.");
                Assert.True(settled + delivered <= _accounts[i].Committed, "Less is committed than was delivered.");
            }
        }
    }

    private static Charge Share(in Charge all, int hundredths) => new(
        new(all.Cost.Micros * hundredths / 100), all.InputTokens * hundredths / 100, all.OutputTokens * hundredths / 100,
        new(all.Energy.Millijoules * hundredths / 100), new(all.Carbon.Micrograms * hundredths / 100));
}

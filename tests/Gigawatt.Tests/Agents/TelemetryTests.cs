using System.Diagnostics;
using System.Globalization;
using Gigawatt.Agents.Telemetry;
using Gigawatt.Metering;
using Gigawatt.Units;
using Xunit;

namespace Gigawatt.Tests.Agents;

public sealed class TelemetryTests : IDisposable
{
    private const long SecondNs = 1_000_000_000;

    private readonly string _root = Directory.CreateTempSubdirectory("gigawatt-machine-").FullName;

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Fact]
    public void Rapl_adds_up_packages_only_and_survives_a_wrap()
    {
        Zone("intel-rapl:0", "package-0", 900, 1000);
        Zone("intel-rapl:1", "package-1", 100, 1000);
        Zone("intel-rapl:0:0", "core", 0, 1000);
        Zone("intel-rapl:2", "psys", 0, 1000);
        RaplMeter meter = RaplMeter.TryOpen(_root)!;
        Assert.Equal(0, meter.ReadMicrojoules());

        Write("sys/class/powercap/intel-rapl:0/energy_uj", "50");
        Write("sys/class/powercap/intel-rapl:1/energy_uj", "300");
        Write("sys/class/powercap/intel-rapl:2/energy_uj", "999");

        Assert.Equal(150 + 200, meter.ReadMicrojoules());
        Write("sys/class/powercap/intel-rapl:0/energy_uj", "60");
        Assert.Equal(160 + 200, meter.ReadMicrojoules());
    }

    [Fact]
    public void A_machine_without_readable_counters_has_no_rapl_meter()
    {
        Assert.Null(RaplMeter.TryOpen(_root));
        Zone("intel-rapl:0", "package-0", 0, 1000);
        File.Delete(Path.Combine(_root, "sys/class/powercap/intel-rapl:0/energy_uj"));
        Assert.Null(RaplMeter.TryOpen(_root));
    }

    [Fact]
    public void A_counter_that_fails_for_a_while_gives_no_reading_and_loses_nothing()
    {
        Zone("intel-rapl:0", "package-0", 0, 1000);
        RaplMeter meter = RaplMeter.TryOpen(_root)!;
        Write("sys/class/powercap/intel-rapl:0/energy_uj", "");
        Assert.Null(meter.ReadMicrojoules());
        Write("sys/class/powercap/intel-rapl:0/energy_uj", "70");
        Assert.Equal(70, meter.ReadMicrojoules());
    }

    [Fact]
    public void Package_energy_is_shared_by_cpu_time_and_the_shares_add_up_to_the_meter()
    {
        EnergyAccount first = new([]);
        EnergyAccount second = new([]);
        (long Joules, long BusyMs, long FirstMs, long SecondMs)[] samples = [(0, 0, 0, 0), (100, 1000, 750, 250), (160, 3000, 750, 2250)];
        for (int i = 0; i < samples.Length; i++)
        {
            MeterReading reading = new(i * SecondNs, samples[i].Joules * 1_000_000, samples[i].BusyMs, []);
            first.Sample(reading, samples[i].FirstMs);
            second.Sample(reading, samples[i].SecondMs);
        }

        TaskEnergy one = first.Close(Duration.FromSeconds(2));
        TaskEnergy two = second.Close(Duration.FromSeconds(2));

        Assert.Equal(new TaskEnergy(Joules.FromJoules(75), null, EnergyMethod.Rapl), one);
        Assert.Equal(new TaskEnergy(Joules.FromJoules(25 + 60), null, EnergyMethod.Rapl), two);
    }

    [Fact]
    public void Accelerator_energy_is_that_of_the_devices_held()
    {
        EnergyAccount account = new([1, 2]);
        account.Sample(new(0, null, 0, [0, 1_000, 5_000]), 0);
        account.Sample(new(SecondNs, null, 0, [9_000, 1_500, 5_250]), 10);

        Assert.Equal(new TaskEnergy(null, new Joules(750), EnergyMethod.Nvml), account.Close(Duration.FromSeconds(1)));
    }

    [Fact]
    public void A_device_without_a_meter_makes_the_accelerator_figure_unknown_not_smaller()
    {
        EnergyAccount account = new([0, 1]);
        account.Sample(new(0, 0, 0, [0, null]), 0);
        account.Sample(new(SecondNs, 1_000_000, 10, [9_000, null]), 10);

        Assert.Equal(new TaskEnergy(new Joules(1000), null, EnergyMethod.Rapl), account.Close(Duration.FromSeconds(1)));
    }

    [Fact]
    public void A_life_that_was_not_metered_long_enough_gives_no_figure()
    {
        EnergyAccount account = new([]);
        account.Sample(new(0, 0, 0, []), 0);
        account.Sample(new(SecondNs, 1_000_000, 100, []), 100);

        Assert.NotNull(account.Close(Duration.FromSeconds(1.1)).Cpu);
        Assert.Equal(TaskEnergy.Unmeasured, account.Close(Duration.FromSeconds(1.2)));
    }

    [Fact]
    public void A_saved_account_goes_on_and_leaves_the_absence_out()
    {
        EnergyAccount before = new([]);
        before.Sample(new(0, 0, 0, []), 0);
        before.Sample(new(10 * SecondNs, 10_000_000, 100, []), 100);
        EnergyAccount after = new([]);
        after.Restore(before.Save());
        after.Sample(new(11 * SecondNs, 70_000_000, 150, []), 150);
        after.Sample(new(20 * SecondNs, 75_000_000, 250, []), 250);

        Assert.Equal(250, after.CpuMilliseconds);
        Assert.Equal(Joules.FromJoules(15), after.Close(Duration.FromSeconds(20)).Cpu);
    }

    [Fact]
    public void Power_is_integrated_where_a_device_counts_no_energy()
    {
        FakeDriver driver = new();
        ManualTime time = new();
        NvmlMeter meter = new(driver, time);
        driver.Power = 100_000;
        Assert.Equal(0, meter.ReadMillijoules(0));
        time.Advance(TimeSpan.FromSeconds(2));
        driver.Power = 300_000;
        Assert.Equal(400_000, meter.ReadMillijoules(0));
        driver.Energy = 7;
        Assert.Equal(7, meter.ReadMillijoules(0));
        Assert.Null(meter.ReadMillijoules(1));
    }

    [Fact]
    public void Machine_facts_obey_affinity_and_cgroup_limits()
    {
        Write("proc/cpuinfo", string.Concat(Enumerable.Range(0, 16).Select(i => $"processor\t: {i}\nmodel name\t: Test CPU @ 2 GHz\n\n")));
        Write("proc/meminfo", "MemTotal:       65536000 kB\nMemFree: 1 kB\n");
        Write("proc/sys/kernel/hostname", "node-7\n");
        Assert.Equal(("node-7", "Test CPU @ 2 GHz", 16, 64_000L), Summary());

        Write("proc/self/status", "Name:\tx\nCpus_allowed_list:\t0-7,12\n");
        Assert.Equal(9, MachineFacts.Detect(_root, null).Cores);

        Write("sys/fs/cgroup/cpu.max", "350000 100000\n");
        Write("sys/fs/cgroup/memory.max", "1073741824\n");
        Assert.Equal(("node-7", "Test CPU @ 2 GHz", 3, 1024L), Summary());

        Write("sys/fs/cgroup/cpu.max", "max 100000\n");
        Write("sys/fs/cgroup/memory.max", "max\n");
        Assert.Equal(("node-7", "Test CPU @ 2 GHz", 9, 64_000L), Summary());
    }

    [Fact]
    public void This_machine_has_a_name_cores_and_memory()
    {
        MachineFacts facts = MachineFacts.Detect();

        Assert.NotEqual("unknown", facts.HostName);
        Assert.InRange(facts.Cores, 1, 4096);
        Assert.True(facts.MemoryMib > 64);
    }

    [Fact]
    public async Task The_nvml_library_is_called_as_its_reference_says()
    {
        Nvml? nvml = Nvml.TryLoad(await FakeLibraryAsync());

        Assert.NotNull(nvml);
        Assert.Equal(2, nvml.Count);
        Assert.Equal(new AcceleratorFacts(1, "Fake GPU", "GPU-1", 81_920), nvml.Describe(1));
        Assert.Equal(12_345_678_901, nvml.TotalMillijoules(1));
        Assert.Equal(350_000, nvml.PowerMilliwatts(1));
        Assert.Null(nvml.TotalMillijoules(0));
        Assert.Null(nvml.TotalMillijoules(2));
        Assert.Null(nvml.Describe(-1));
        MachineFacts facts = MachineFacts.Detect(_root, nvml);
        Assert.Equal([0, 1], facts.Accelerators.Select(device => device.Index));
        Assert.Null(Nvml.TryLoad("libno-such-library.so.1"));
    }

    // A stand-in with NVML's signatures, so that the calling convention and the layouts are exercised for real.
    private async Task<string> FakeLibraryAsync()
    {
        Write("nvml.c", """
            #include <string.h>
            typedef struct { int index; } *nvmlDevice_t;
            typedef struct { unsigned long long total, free, used; } nvmlMemory_t;
            static struct { int index; } devices[2] = { {0}, {1} };
            int nvmlInit_v2(void) { return 0; }
            int nvmlDeviceGetCount_v2(unsigned int *count) { *count = 2; return 0; }
            int nvmlDeviceGetHandleByIndex_v2(unsigned int i, nvmlDevice_t *d) { *d = (nvmlDevice_t)&devices[i]; return 0; }
            int nvmlDeviceGetName(nvmlDevice_t d, char *name, unsigned int length) { strncpy(name, "Fake GPU", length); return 0; }
            int nvmlDeviceGetUUID(nvmlDevice_t d, char *uuid, unsigned int length) { strncpy(uuid, d->index ? "GPU-1" : "GPU-0", length); return 0; }
            int nvmlDeviceGetMemoryInfo(nvmlDevice_t d, nvmlMemory_t *m) { m->total = 80ull << 30; m->free = m->used = 1; return 0; }
            int nvmlDeviceGetTotalEnergyConsumption(nvmlDevice_t d, unsigned long long *mj) { *mj = 12345678901ull; return d->index ? 0 : 3; }
            int nvmlDeviceGetPowerUsage(nvmlDevice_t d, unsigned int *mw) { *mw = 350000; return 0; }
            """);
        string library = Path.Combine(_root, "libfake-nvml.so");
        try
        {
            using Process compiler = Process.Start("cc", ["-shared", "-fPIC", "-o", library, Path.Combine(_root, "nvml.c")]);
            await compiler.WaitForExitAsync(TestContext.Current.CancellationToken);
            Assert.Equal(0, compiler.ExitCode);
        }
        catch (System.ComponentModel.Win32Exception)
        {
            Assert.Skip("No C compiler here to build the stand-in for NVML.");
        }

        return library;
    }

    private (string, string, int, long) Summary()
    {
        MachineFacts facts = MachineFacts.Detect(_root, null);
        return (facts.HostName, facts.CpuModel, facts.Cores, facts.MemoryMib);
    }

    private void Zone(string zone, string name, long energy, long range)
    {
        Write($"sys/class/powercap/{zone}/name", name + "\n");
        Write($"sys/class/powercap/{zone}/energy_uj", energy.ToString(CultureInfo.InvariantCulture) + "\n");
        Write($"sys/class/powercap/{zone}/max_energy_range_uj", range.ToString(CultureInfo.InvariantCulture) + "\n");
    }

    private void Write(string path, string text)
    {
        string full = Path.Combine(_root, path);
        Directory.CreateDirectory(Path.GetDirectoryName(full)!);
        File.WriteAllText(full, text);
    }

    private sealed class FakeDriver : IAcceleratorDriver
    {
        public int Count => 1;

        public long? Energy { get; set; }

        public long? Power { get; set; }

        public long? TotalMillijoules(int index) => Energy;

        public long? PowerMilliwatts(int index) => Power;
    }

    private sealed class ManualTime : TimeProvider
    {
        private long _ticks = 1;

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => _ticks;

        public void Advance(TimeSpan by) => _ticks += by.Ticks;
    }
}

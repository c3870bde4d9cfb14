using Gigawatt.Server.Durability;

namespace Gigawatt.Tests.Durability;

public sealed class MappedLogTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("gw-mapped-").FullName;

    private string LogPath => Path.Combine(_folder, "log");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void What_was_appended_is_read_back_by_a_framed_log_also_while_the_rest_of_the_file_is_zeros()
    {
        byte[][] frames = [[1, 2, 3], [0, 0], new byte[5_000], [9]];
        using MappedLog log = MappedLog.Create(LogPath, 8_000);
        foreach (byte[] frame in frames) { Assert.True(log.TryAppend(frame)); }
        string copy = LogPath + ".copy";
        CopyOpen(LogPath, copy);
        Assert.Equal(8_000, new FileInfo(copy).Length);
        using FramedLog read = FramedLog.Open(copy, out LogRecovery recovery);
        Assert.Equal(new LogRecovery(4, 0), recovery);
        Assert.Equal(log.End, read.End);
    }

    [Fact]
    public void A_frame_without_room_changes_nothing()
    {
        using MappedLog log = MappedLog.Create(LogPath, FrameFormat.HeaderLength + 2 * FrameFormat.FrameHeaderLength + 10);
        Assert.True(log.TryAppend(new byte[6]));
        long end = log.End;
        Assert.False(log.TryAppend(new byte[5]));
        Assert.Equal(end, log.End);
        Assert.True(log.TryAppend(new byte[4]));
    }

    [Fact]
    public void Closing_gives_back_the_space_behind_the_last_frame()
    {
        long end;
        using (MappedLog log = MappedLog.Create(LogPath, 1 << 20))
        {
            log.TryAppend([1]);
            end = log.End;
        }

        Assert.Equal(end, new FileInfo(LogPath).Length);
    }

    [Fact]
    public void A_frame_torn_at_any_byte_ends_the_log_and_damage_before_the_flushed_part_does_not_pass()
    {
        using (MappedLog log = MappedLog.Create(LogPath, 4_000))
        {
            for (byte i = 1; i <= 3; i++) { log.TryAppend([i, i, i, i]); }
        }

        byte[] whole = File.ReadAllBytes(LogPath);
        int frame = FrameFormat.FrameHeaderLength + 4;
        for (int at = 0; at < frame; at++)
        {
            byte[] torn = [.. whole, .. new byte[100]];
            torn[FrameFormat.HeaderLength + frame + at] ^= 0x55;
            File.WriteAllBytes(LogPath, torn);
            Assert.Throws<StoreException>(() => FramedLog.Open(LogPath, out _));
            using FramedLog log = FramedLog.Open(LogPath, out LogRecovery recovery, flushed: FrameFormat.HeaderLength + frame);
            Assert.Equal(1, recovery.Frames);
        }
    }

    // The log holds its file alone; the system's own copy asks nobody.
    private static void CopyOpen(string from, string to)
    {
        using var copy = System.Diagnostics.Process.Start("cp", [from, to]);
        copy.WaitForExit();
    }
}

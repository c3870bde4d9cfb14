using CsCheck;
using Gigawatt.Server.Durability;

namespace Gigawatt.Tests.Durability;

public sealed class FramedLogTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("gw-log-").FullName;

    private string LogPath => Path.Combine(_folder, "log");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Frames_come_back_in_order_after_reopening()
    {
        byte[][] frames = [[1], [2, 2], new byte[100_000], [4]];
        using (FramedLog log = FramedLog.Open(LogPath, out _))
        {
            long end = 0;
            foreach (byte[] frame in frames) { end = log.Append(frame); }
            Assert.Equal(log.End, end);
            log.Flush();
        }

        using FramedLog again = FramedLog.Open(LogPath, out LogRecovery recovery);
        Assert.Equal(new LogRecovery(4, 0), recovery);
        Assert.Equal(frames, ReadAll(again));
    }

    [Fact]
    public void A_reader_goes_on_from_the_offset_that_an_append_gave()
    {
        using FramedLog log = FramedLog.Open(LogPath, out _);
        log.Append([1]);
        long offset = log.Append([2]);
        log.Append([new byte[] { 3 }, new byte[] { 4, 4 }]);
        Assert.Equal([[3], [4, 4]], ReadAll(log, offset));
    }

    [Fact]
    public void A_tail_cut_at_any_byte_is_cut_to_the_last_whole_frame()
    {
        byte[][] frames = [[1, 2, 3], [.. Enumerable.Range(0, 40).Select(i => (byte)i)], [9], [0, 0, 0, 0, 0, 0, 0, 0, 0]];
        var ends = new List<long>();
        using (FramedLog log = FramedLog.Open(LogPath, out _))
        {
            foreach (byte[] frame in frames) { ends.Add(log.Append(frame)); }
        }

        byte[] whole = File.ReadAllBytes(LogPath);
        for (int length = 0; length <= whole.Length; length++)
        {
            File.WriteAllBytes(LogPath, whole[..length]);
            int kept = ends.Count(end => end <= length);
            using (FramedLog log = FramedLog.Open(LogPath, out LogRecovery recovery))
            {
                Assert.Equal(kept, recovery.Frames);
                long sound = kept > 0 ? ends[kept - 1] : length < FrameFormat.HeaderLength ? 0 : FrameFormat.HeaderLength;
                // Zeros at the end may be space that was allocated and not written yet.
                Assert.Equal(sound == 0 ? length : whole.AsSpan((int)sound, length - (int)sound).LastIndexOfAnyExcept((byte)0) + 1, recovery.BytesCut);
                Assert.Equal(frames[..kept], ReadAll(log));
                log.Append([7]);
            }

            // A frame appended after the cut is the next one and the last, whatever stood there before.
            using FramedLog again = FramedLog.Open(LogPath, out LogRecovery clean);
            Assert.Equal(new LogRecovery(kept + 1, 0), clean);
            Assert.Equal([.. frames[..kept], [7]], ReadAll(again));
        }
    }

    [Fact]
    public void A_changed_byte_is_a_cut_tail_in_the_last_frame_and_an_error_before_it()
    {
        byte[][] frames = [[1, 2, 3], [.. Enumerable.Range(0, 40).Select(i => (byte)i)], [5, 6, 7]];
        long lastStart = 0;
        using (FramedLog log = FramedLog.Open(LogPath, out _))
        {
            log.Append(frames[0]);
            lastStart = log.Append(frames[1]);
            log.Append(frames[2]);
        }

        byte[] whole = File.ReadAllBytes(LogPath);
        foreach (int at in Enumerable.Range(0, whole.Length))
        {
            foreach (byte flip in new byte[] { 0x01, 0x80, 0xFF })
            {
                byte[] changed = [.. whole];
                changed[at] ^= flip;
                File.WriteAllBytes(LogPath, changed);
                if (at >= lastStart)
                {
                    using FramedLog log = FramedLog.Open(LogPath, out LogRecovery recovery);
                    Assert.Equal(new LogRecovery(2, whole.Length - lastStart), recovery);
                    Assert.Equal(frames[..2], ReadAll(log));
                }
                else
                {
                    StoreException e = Assert.Throws<StoreException>(() => FramedLog.Open(LogPath, out _));
                    Assert.True(e.Problem is StoreProblem.Corrupt or StoreProblem.NewerVersion, e.Message);
                    Assert.Equal(changed, File.ReadAllBytes(LogPath));
                }
            }
        }
    }

    [Fact]
    public void Any_frames_cut_anywhere_leave_a_prefix_of_them() => Gen.Select(Gen.Byte.Array[1, 200].List[0, 20], Gen.Double[0, 1]).Sample(t =>
    {
        (List<byte[]> frames, double share) = t;
        File.Delete(LogPath);
        using (FramedLog log = FramedLog.Open(LogPath, out _)) { log.Append([.. frames.Select(f => new ReadOnlyMemory<byte>(f))]); }
        using (FileStream file = File.OpenWrite(LogPath)) { file.SetLength((long)(file.Length * share)); }
        using FramedLog again = FramedLog.Open(LogPath, out LogRecovery recovery);
        Assert.Equal(frames.Take((int)recovery.Frames), ReadAll(again));
    }, iter: 100, threads: 1);

    [Fact]
    public void A_payload_that_holds_a_sound_frame_is_not_mistaken_for_one()
    {
        using (FramedLog log = FramedLog.Open(LogPath, out _)) { log.Append([1, 2, 3]); }
        byte[] inner = File.ReadAllBytes(LogPath)[FrameFormat.HeaderLength..];
        using (FramedLog log = FramedLog.Open(LogPath, out _)) { log.Append([inner, inner]); }

        byte[] whole = File.ReadAllBytes(LogPath);
        File.WriteAllBytes(LogPath, whole[..^1]);
        using FramedLog again = FramedLog.Open(LogPath, out LogRecovery recovery);
        Assert.Equal(2, recovery.Frames);
    }

    [Fact]
    public void A_log_of_a_newer_version_is_refused_and_says_so()
    {
        FramedLog.Open(LogPath, out _).Dispose();
        byte[] bytes = File.ReadAllBytes(LogPath);
        bytes[8] = 2;
        File.WriteAllBytes(LogPath, bytes);
        StoreException e = Assert.Throws<StoreException>(() => FramedLog.Open(LogPath, out _));
        Assert.Equal(StoreProblem.NewerVersion, e.Problem);
        Assert.Contains("newer version of Gigawatt", e.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("hello")]
    [InlineData("this file is longer than a header and is no log")]
    public void A_file_that_is_no_log_is_refused_and_left_alone(string content)
    {
        File.WriteAllText(LogPath, content);
        Assert.Equal(StoreProblem.Corrupt, Assert.Throws<StoreException>(() => FramedLog.Open(LogPath, out _)).Problem);
        Assert.Equal(content, File.ReadAllText(LogPath));
    }

    [Fact]
    public void A_log_is_open_once()
    {
        using FramedLog log = FramedLog.Open(LogPath, out _);
        Assert.Equal(StoreProblem.InUse, Assert.Throws<StoreException>(() => FramedLog.Open(LogPath, out _)).Problem);
    }

    [Fact]
    public void A_log_in_a_missing_folder_is_not_writable() =>
        Assert.Equal(StoreProblem.NotWritable, Assert.Throws<StoreException>(() => FramedLog.Open(Path.Combine(_folder, "no", "log"), out _)).Problem);

    [Fact]
    public void Appends_of_many_threads_are_all_there_each_once()
    {
        using (FramedLog log = FramedLog.Open(LogPath, out _))
        {
            Parallel.For(0, 2_000, i => log.Append(BitConverter.GetBytes(i)));
        }

        using FramedLog again = FramedLog.Open(LogPath, out _);
        Assert.Equal(Enumerable.Range(0, 2_000), ReadAll(again).Select(f => BitConverter.ToInt32(f)).Order());
    }

    [Fact]
    public void The_checksum_is_that_of_the_standard() =>
        // The check value of CRC-32C: https://reveng.sourceforge.io/crc-catalogue/all.htm.
        Assert.Equal(0xE3069283u, Crc32C.Compute("123456789"u8));

    private static List<byte[]> ReadAll(FramedLog log, long offset = 0)
    {
        var frames = new List<byte[]>();
        FramedLogReader reader = log.Read(offset);
        while (reader.TryRead()) { frames.Add(reader.Payload.ToArray()); }
        return frames;
    }
}

using System.Text;
using System.Text.Json;
using CsCheck;
using Gigawatt.Wire;

namespace Gigawatt.Tests.Wire;

public sealed class ThinkingSpliceTests
{
    private static readonly string[] Blocks =
    [
        """{"type":"thinking","thinking":"a, b","signature":"]}"}""",
        """{ "data":"x" , "type" : "redacted_thinking" }""",
        """{"type":"text","text":"{\"type\":\"thinking\"}"}""",
        """{"type":"tool_result","content":[{"type":"thinking"}]}""",
        "7",
    ];

    [Fact]
    public void Thinking_blocks_of_messages_go_and_every_other_block_stays_as_it_is_written() =>
        Gen.Int[0, 4].Array[0, 6].Array[1, 3].Sample(messages =>
        {
            string body = Body(messages);
            bool possible = ThinkingSplice.TryRemove(Encoding.UTF8.GetBytes(body), out ReadOnlyMemory<byte> result, out bool found);
            Assert.Equal(Array.TrueForAll(messages, m => m.Length == 0 || Array.Exists(m, b => b > 1)), possible);
            if (!possible) { return; }
            Assert.Equal(Array.Exists(messages, m => Array.Exists(m, b => b <= 1)), found);
            int[][] kept = [.. messages.Select(m => m.Where(b => b > 1).ToArray())];
            Assert.Equal(Content(Body(kept)), Content(Encoding.UTF8.GetString(result.Span)));
            if (!found) { Assert.Equal(body, Encoding.UTF8.GetString(result.Span)); }
        });

    private static string Body(int[][] messages) =>
        $$"""{"thinking":{"type":"enabled"}, "messages":[{{string.Join(" , ", messages.Select(m => $$"""{"role":"assistant", "content" : [ {{string.Join(" , ", m.Select(b => Blocks[b]))}} ]}"""))}}],"x":[{"type":"thinking"}]}""";

    // Block by block as written, the spaces between them apart.
    private static string Content(string body)
    {
        using JsonDocument document = JsonDocument.Parse(body);
        return string.Join('|', document.RootElement.EnumerateObject().Select(p => p.Name == "messages"
            ? string.Join('/', p.Value.EnumerateArray().Select(m => string.Join(',', m.GetProperty("content").EnumerateArray().Select(b => b.GetRawText()))))
            : p.Value.GetRawText()));
    }
}

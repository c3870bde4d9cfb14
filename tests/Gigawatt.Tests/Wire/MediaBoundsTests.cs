using System.Text;
using Gigawatt.Models;
using Gigawatt.Wire;
using Xunit;

namespace Gigawatt.Tests.Wire;

/// <summary>The bound of a prompt with pictures or documents is that of their kind, and cannot be talked down.</summary>
public sealed class MediaBoundsTests
{
    private static readonly string Payload = new('A', 100_000);

    // What the bound says beyond the bytes of the body.
    private static long Beyond(string content, Dialect dialect)
    {
        byte[] body = Encoding.UTF8.GetBytes($$"""{"model":"m","max_tokens":1,"messages":[{"role":"user","content":{{content}}}]}""");
        Assert.True(RequestReader.TryRead(body, dialect, null, out RequestFacts facts, out ApiError? error), error?.Message);
        return facts.InputTokenBound - body.Length;
    }

    [Fact]
    public void An_image_by_url_adds_the_bound_of_an_image() =>
        Assert.Equal(MediaBounds.TokensPerImage, Beyond("""[{"type":"image","source":{"type":"url","url":"https://x/y.png"}}]""", Dialect.Anthropic));

    [Fact]
    public void An_image_in_base64_counts_by_the_bound_and_not_by_its_bytes()
    {
        Assert.Equal(MediaBounds.TokensPerImage - Payload.Length, Beyond(
            $$$"""[{"type":"text","text":"See"},{"source":{"type":"base64","media_type":"image/png","data":"{{{Payload}}}"},"type":"image"}]""", Dialect.Anthropic));
        Assert.Equal(MediaBounds.TokensPerImage - Payload.Length - "data:image/png;base64,".Length, Beyond(
            $$$"""[{"type":"image_url","image_url":{"url":"data:image/png;base64,{{{Payload}}}","detail":"high"}}]""", Dialect.OpenAI));
        Assert.Equal(MediaBounds.TokensPerImage - Payload.Length - "data:,".Length, Beyond(
            $$"""[{"type":"image_url","image_url":"data:,{{Payload}}"}]""", Dialect.OpenAI));
    }

    [Fact]
    public void A_document_counts_by_its_bound_unless_it_is_text()
    {
        Assert.Equal(MediaBounds.TokensPerDocument - Payload.Length, Beyond(
            $$$"""[{"type":"document","source":{"type":"base64","media_type":"application/pdf","data":"{{{Payload}}}"}}]""", Dialect.Anthropic));
        Assert.Equal(MediaBounds.TokensPerDocument, Beyond("""[{"type":"document","source":{"type":"file","file_id":"f"}}]""", Dialect.Anthropic));
        Assert.Equal(0, Beyond($$$"""[{"type":"document","source":{"type":"text","media_type":"text/plain","data":"{{{Payload}}}"}}]""", Dialect.Anthropic));
        Assert.Equal(MediaBounds.TokensPerDocument, Beyond("""[{"type":"file","file":{"file_id":"f"}}]""", Dialect.OpenAI));
    }

    [Fact]
    public void Many_documents_are_no_more_than_a_context_holds()
    {
        string pdf = $$$"""{"type":"document","source":{"type":"base64","media_type":"application/pdf","data":"{{{Payload}}}"}}""";
        Assert.Equal(MediaBounds.TokensPerDocument - 3 * Payload.Length, Beyond($"[{pdf},{pdf},{pdf}]", Dialect.Anthropic));
        Assert.Equal(MediaBounds.TokensPerDocument, Beyond($"[{string.Join(',', Enumerable.Repeat("""{"type":"image","source":{"type":"url","url":"u"}}""", 30))}]", Dialect.Anthropic));
    }

    [Fact]
    public void Images_inside_tool_results_and_documents_count() => Assert.Equal(2 * MediaBounds.TokensPerImage, Beyond(
        """
        [{"type":"tool_result","tool_use_id":"t","content":[{"type":"image","source":{"type":"url","url":"u"}},
          {"type":"document","source":{"type":"content","content":[{"type":"image","source":{"type":"url","url":"u"}}]}}]}]
        """, Dialect.Anthropic));

    [Fact]
    public void What_looks_like_an_image_inside_a_tools_arguments_is_text() => Assert.Equal(0, Beyond(
        $$$$"""[{"type":"tool_use","id":"t","name":"f","input":{"type":"image","source":{"type":"base64","data":"{{{{Payload}}}}"}}}]""", Dialect.Anthropic));

    [Fact]
    public void A_payload_in_a_block_of_text_is_text() => Assert.Equal(0, Beyond(
        $$$"""[{"type":"image","source":{"type":"base64","data":"{{{Payload}}}"},"type":"text","text":"x"}]""", Dialect.Anthropic));
}

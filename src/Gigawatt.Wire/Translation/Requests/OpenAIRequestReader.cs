using System.Text.Json;

namespace Gigawatt.Wire.Translation.Requests;

/// <summary>What OpenAI's two formats have in common.</summary>
internal abstract class OpenAIRequestReader(Notes notes) : ConversationReader(notes)
{
    // A media type in a data URL is a few dozen characters.
    private const int LongestDataHead = 128;

    protected void ReadOpenAI(string name, JsonElement value)
    {
        switch (name)
        {
            case "parallel_tool_calls": Conversation.ParallelToolCalls = IsTrue(value, name); break;
            case "user": Conversation.User = Text(value, name); break;
            case "safety_identifier": Conversation.SafetyIdentifier = Text(value, name); break;
            case "service_tier": Conversation.ServiceTier = Word(value, name); break;
            case "metadata" or "prompt_cache_key" or "prompt_cache_options" or "prompt_cache_retention": Conversation.OpenAIOnly.Add((name, value)); break;
            case "top_logprobs" when value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out int most) && most == 0: break;
            case "logprobs" or "top_logprobs": CannotCarry(name, "log probabilities of tokens"); break;
            case "stream_options": Notes.LeaveOutOthers(Is(value, JsonValueKind.Object, name) ? value : EmptyObject, name, "include_usage"); break;
            default: ReadShared(name, value); break;
        }
    }

    private static readonly JsonElement EmptyObject = JsonDocument.Parse("{}"u8.ToArray()).RootElement;

    protected void ReadToolChoice(JsonElement choice, Func<JsonElement, JsonElement> nameOwner)
    {
        if (choice.ValueKind == JsonValueKind.String)
        {
            switch (choice.GetString())
            {
                case "auto": Conversation.Choice = ToolChoice.Auto; break;
                case "none": Conversation.Choice = ToolChoice.None; break;
                case "required": Conversation.Choice = ToolChoice.Required; break;
                default: Notes.Expect("tool_choice", "auto, none, required or a function"); break;
            }
        }
        else if (TypeOf(choice) == "function")
        {
            Conversation.Choice = ToolChoice.Named;
            Conversation.ChoiceName = Required(nameOwner(choice), "name", "tool_choice");
        }
        else { CannotCarry("tool_choice", $"a choice of type '{TypeOf(choice)}'"); }
    }

    protected void AddTool(JsonElement function, string path)
    {
        if (!Is(function, JsonValueKind.Object, path)) { return; }
        JsonElement schema = Get(function, "parameters");
        if (IsGiven(schema) && !Is(schema, JsonValueKind.Object, $"{path}.parameters")) { return; }
        Notes.LeaveOutOthers(function, "tools", "type", "name", "description", "parameters", "strict");
        Conversation.Tools.Add(new(Required(function, "name", path), Optional(function, "description", path), schema, Get(function, "strict")));
    }

    protected void ReadFormat(JsonElement format, JsonElement schemaOwner, string path)
    {
        switch (TypeOf(format))
        {
            case "text": break;
            case "json_object": Conversation.Format = new(FormatKind.AnyJson, default, null, null, default); break;
            case "json_schema":
                JsonElement schema = Get(schemaOwner, "schema");
                if (!Is(schema, JsonValueKind.Object, $"{path}.schema")) { return; }
                Notes.LeaveOutOthers(schemaOwner, path, "type", "name", "description", "schema", "strict");
                Conversation.Format = new(FormatKind.Schema, schema, Optional(schemaOwner, "name", path), Optional(schemaOwner, "description", path), Get(schemaOwner, "strict"));
                break;
            case var type: CannotCarry(path, $"an output format of type '{type}'"); break;
        }
    }

    /// <summary>An image by its address, which may be a data URL.</summary>
    protected void AddImage(JsonText url, JsonText? detail, string path, List<Part> parts)
    {
        if (!url.Beginning(5).Equals("data:", StringComparison.OrdinalIgnoreCase))
        {
            parts.Add(new(PartKind.Image) { Source = MediaSource.Url, Text = url, Detail = detail });
        }
        else if (SplitDataUrl(url, path) is { } data)
        {
            parts.Add(new(PartKind.Image) { Source = MediaSource.Base64, MediaType = data.MediaType, Text = data.Payload, Detail = detail });
        }
    }

    /// <summary>A file by its content as a data URL, or by its address.</summary>
    protected void AddFile(JsonElement file, string path, string name, List<Part> parts)
    {
        if (!Is(file, JsonValueKind.Object, path)) { return; }
        Notes.LeaveOutOthers(file, name, "type", "filename", "file_data", "file_id", "file_url");
        JsonText? title = Optional(file, "filename", path);
        if (IsGiven(Get(file, "file_id"))) { CannotCarry($"{path}.file_id", "a file that lies with OpenAI"); }
        else if (Optional(file, "file_url", path) is { } url) { parts.Add(new(PartKind.Document) { Source = MediaSource.Url, Text = url, FileName = title }); }
        else if (SplitDataUrl(Required(file, "file_data", path), $"{path}.file_data") is { } data)
        {
            parts.Add(new(PartKind.Document) { Source = MediaSource.Base64, MediaType = data.MediaType, Text = data.Payload, FileName = title });
        }
    }

    private (string MediaType, JsonText Payload)? SplitDataUrl(JsonText url, string path)
    {
        string head = url.Beginning(LongestDataHead);
        int comma = head.IndexOf(',', StringComparison.Ordinal);
        const string Start = "data:", End = ";base64";
        if (comma < 0 || !head.StartsWith(Start, StringComparison.OrdinalIgnoreCase) || !head[..comma].EndsWith(End, StringComparison.OrdinalIgnoreCase) || comma < Start.Length + End.Length)
        {
            Notes.Expect(path, "a data URL of the form data:TYPE;base64,PAYLOAD");
            return null;
        }

        string mediaType = head[Start.Length..(comma - End.Length)];
        int parameters = mediaType.IndexOf(';', StringComparison.Ordinal);
        return ((parameters < 0 ? mediaType : mediaType[..parameters]).ToLowerInvariant(), url.From(comma + 1));
    }
}

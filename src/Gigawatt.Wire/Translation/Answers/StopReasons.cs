namespace Gigawatt.Wire.Translation.Answers;

/// <summary>The words of the three APIs for the end of an answer.</summary>
internal static class StopReasons
{
    internal static Stop OfAnthropic(string? reason, Notes notes)
    {
        switch (reason)
        {
            case "end_turn" or null: return Stop.EndTurn;
            case "max_tokens": return Stop.MaxTokens;
            case "stop_sequence": return Stop.StopSequence;
            case "tool_use": return Stop.ToolUse;
            case "refusal": return Stop.Refusal;
            case "pause_turn": notes.LeaveOut("stop_reason=pause_turn"); return Stop.Paused;
            case "model_context_window_exceeded": notes.LeaveOut("stop_reason=model_context_window_exceeded"); return Stop.ContextFull;
            default: notes.LeaveOut($"stop_reason={reason}"); return Stop.EndTurn;
        }
    }

    /// <summary>Some servers say <c>stop</c> where they call tools.</summary>
    internal static Stop OfChat(string? reason, bool calledTools, Notes notes)
    {
        switch (reason)
        {
            case "stop" or "tool_calls" or "function_call" or null: return calledTools ? Stop.ToolUse : Stop.EndTurn;
            case "length": return Stop.MaxTokens;
            case "content_filter": return Stop.Refusal;
            default: notes.LeaveOut($"finish_reason={reason}"); return calledTools ? Stop.ToolUse : Stop.EndTurn;
        }
    }

    /// <summary>Of an answer that is complete, or incomplete for a reason.</summary>
    internal static Stop OfResponses(string? incompleteReason, bool calledTools, Notes notes)
    {
        switch (incompleteReason)
        {
            case null: return calledTools ? Stop.ToolUse : Stop.EndTurn;
            case "max_output_tokens": return Stop.MaxTokens;
            case "content_filter": return Stop.Refusal;
            default: notes.LeaveOut($"incomplete_details.reason={incompleteReason}"); return Stop.MaxTokens;
        }
    }

    /// <param name="stop">Why the answer ended.</param>
    /// <param name="refused">Whether it has a refusal, for which OpenAI's APIs have a field and Anthropic's this word.</param>
    internal static ReadOnlySpan<byte> ForAnthropic(Stop stop, bool refused) => stop switch
    {
        Stop.MaxTokens => "max_tokens"u8,
        Stop.StopSequence => "stop_sequence"u8,
        Stop.ToolUse => "tool_use"u8,
        Stop.Refusal => "refusal"u8,
        Stop.EndTurn when refused => "refusal"u8,
        Stop.Paused => "pause_turn"u8,
        Stop.ContextFull => "model_context_window_exceeded"u8,
        _ => "end_turn"u8,
    };

    /// <summary>What is not finished is <c>length</c>: the client must know that more was to come.</summary>
    internal static ReadOnlySpan<byte> ForChat(Stop stop) => stop switch
    {
        Stop.MaxTokens or Stop.Paused or Stop.ContextFull => "length"u8,
        Stop.ToolUse => "tool_calls"u8,
        Stop.Refusal => "content_filter"u8,
        _ => "stop"u8,
    };

    /// <summary>The reason why an answer is incomplete; empty where it is complete.</summary>
    internal static ReadOnlySpan<byte> IncompleteForResponses(Stop stop) => stop switch
    {
        Stop.MaxTokens or Stop.Paused or Stop.ContextFull => "max_output_tokens"u8,
        Stop.Refusal => "content_filter"u8,
        _ => default,
    };
}

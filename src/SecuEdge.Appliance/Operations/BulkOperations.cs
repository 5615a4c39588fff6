using SecuEdge.Appliance.Api;
using SecuEdge.Store.Audit;
using SecuEdge.Store.Quarantine;

namespace SecuEdge.Appliance.Operations;

/// <summary>Does one thing to many messages, one after the other and each by its own operation: permissions, audit and timelines are theirs.</summary>
internal sealed class BulkOperations(QuarantineOperations quarantine, QueueOperations queue)
{
    /// <summary>Bounds the time of one request.</summary>
    public const int MaxItems = 1000;

    private const int PageSize = 200;

    public async Task<Outcome<BulkResult>> QuarantineAsync(Caller caller, QuarantineBulk request, CancellationToken cancellationToken)
    {
        if ((request.Ids is null) == (request.Query is null))
        {
            return new OperationProblem(OperationFailure.Invalid, "give either ids or query", "ids");
        }

        var (references, hasMore) = request.Ids is { } ids ? (ids.ToList(), false) : await FindAsync(caller, request.Query!, cancellationToken);
        return await EachAsync(
            references,
            hasMore,
            async reference => request.Action switch
            {
                QuarantineDeed.Release => (await quarantine.ReleaseAsync(caller, reference, null, cancellationToken)).Problem,
                QuarantineDeed.Delete => (await quarantine.DeleteAsync(caller, reference, cancellationToken)).Problem,
                QuarantineDeed.Forward => (await quarantine.ForwardAsync(caller, reference, request.To!, request.Reason, cancellationToken)).Problem,
                _ => throw new ArgumentOutOfRangeException(nameof(request), request.Action, null),
            },
            cancellationToken);
    }

    public async Task<Outcome<BulkResult>> QueueAsync(Caller caller, QueueBulk request, CancellationToken cancellationToken)
    {
        if ((request.Ids is not null) == request.All)
        {
            return new OperationProblem(OperationFailure.Invalid, "give either ids or all", "ids");
        }

        var (references, hasMore) = request.Ids is { } ids ? (ids.ToList(), false) : await WaitingAsync(caller, cancellationToken);
        return await EachAsync(
            references,
            hasMore,
            async reference => request.Action switch
            {
                QueueDeed.Retry => (await queue.RetryAsync(caller, reference, cancellationToken)).Problem,
                QueueDeed.Drop => (await queue.DropAsync(caller, reference, request.Reason, cancellationToken)).Problem,
                _ => throw new ArgumentOutOfRangeException(nameof(request), request.Action, null),
            },
            cancellationToken);
    }

    private static async Task<Outcome<BulkResult>> EachAsync(
        List<string> references, bool hasMore, Func<string, Task<OperationProblem?>> deed, CancellationToken cancellationToken)
    {
        List<BulkItem> items = [];
        foreach (var reference in references)
        {
            OperationProblem? problem;
            try
            {
                cancellationToken.ThrowIfCancellationRequested();
                problem = await TryAsync(reference, deed);
            }
            catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
            {
                // Nobody listens any more; whoever asks again with the same Idempotency-Key hears what was done.
                hasMore = true;
                break;
            }

            items.Add(new BulkItem { Id = reference, Status = problem?.ToProblem().StatusCode ?? StatusCodes.Status200OK, Detail = problem?.Detail });
        }

        var failed = items.Count(i => i.Status >= 400);
        return new BulkResult { Succeeded = items.Count - failed, Failed = failed, HasMore = hasMore, Items = items };
    }

    private static async Task<OperationProblem?> TryAsync(string reference, Func<string, Task<OperationProblem?>> deed)
    {
        try
        {
            return await deed(reference);
        }
        catch (ArgumentException e) when (e.ParamName == "reference")
        {
            // No reference at all; the others are.
            return new OperationProblem(OperationFailure.Invalid, $"'{reference}' is not a reference");
        }
        catch (AuditUnavailableException)
        {
            return new OperationProblem(OperationFailure.Unavailable, "The audit log cannot be written, so this was not done; check free disk space and try again.");
        }
        catch (IOException)
        {
            return new OperationProblem(OperationFailure.Unavailable, "the change could not be stored; check free disk space and try again");
        }
    }

    /// <summary>All of them before the first is touched: what is deleted must not shift the pages.</summary>
    private async Task<(List<string> References, bool HasMore)> FindAsync(Caller caller, QuarantineFilter filter, CancellationToken cancellationToken)
    {
        List<string> found = [];
        string? cursor = null;
        do
        {
            var page = await quarantine.ListAsync(
                caller,
                new QuarantineQuery
                {
                    Tenant = filter.Tenant,
                    Since = filter.Since,
                    Until = filter.Until,
                    Class = filter.Class,
                    Sender = filter.Sender,
                    Recipient = filter.Recipient,
                    Queue = filter.Queue,
                    State = filter.State.Filter(),
                    Text = filter.Text,
                    Limit = PageSize,
                    Cursor = cursor,
                },
                cancellationToken);
            found.AddRange(page.Items.Select(i => i.Reference));
            cursor = page.Next;
        }
        while (cursor is not null && found.Count < MaxItems);
        return (found, cursor is not null);
    }

    private async Task<(List<string> References, bool HasMore)> WaitingAsync(Caller caller, CancellationToken cancellationToken)
    {
        List<string> found = [];
        string? cursor = null;
        do
        {
            var page = await queue.ListAsync(caller, tenant: null, isHeld: false, PageSize, cursor, cancellationToken);
            found.AddRange(page.Items.Select(i => i.Record.Reference));
            cursor = page.Next;
        }
        while (cursor is not null && found.Count < MaxItems);
        return (found, cursor is not null);
    }
}

using Osmo.Protocol.Runtime;
using Osmo.Runtime.Arguments;
using Osmo.Runtime.Ctrl;

namespace Osmo.Runtime.Data;

/// <summary>Brings a task's inputs in and its outputs out, and says so in the task's log (contract: runtime-protocol §16).</summary>
internal sealed class DataMover(CtrlArguments arguments, RoleEnvironment environment, TaskLog log)
{
    private const int CheckTries = 3;
    private static readonly TimeSpan CheckPause = TimeSpan.FromSeconds(1);

    private readonly FileTransfer _download = new(arguments.DataTimeout, environment.Time, (text, cancellation) => log.Write(LogStream.Download, text, cancellation));
    private readonly FileTransfer _upload = new(arguments.DataTimeout, environment.Time, (text, cancellation) => log.Write(LogStream.Upload, text, cancellation));
    private readonly string _inputPath = environment.LocalPath(arguments.InputPath);
    private readonly string _outputPath = environment.LocalPath(arguments.OutputPath);

    /// <exception cref="CtrlFailure">A place of the user's may not be used.</exception>
    public async Task CheckAccess(CancellationToken cancellation)
    {
        var places = arguments.Inputs.Where(input => !input.IsTask).Select(input => (input.Url, Write: false))
            .Concat(arguments.Outputs.OfType<OutputSpec.Location>().Select(output => (output.Url, Write: true)))
            .ToArray();
        if (places.Length == 0 || environment.Variable("OSMO_SKIP_DATA_AUTH") == "1")
            return;
        await Say(LogStream.OsmoCtrl, "Validating data access permissions...", cancellation);
        foreach (var (url, write) in places)
        {
            var (access, kind) = write ? ("WRITE", "output") : ("READ", "input");
            await Say(LogStream.OsmoCtrl, $"Validating {access} access for URI {kind}: {url}", cancellation);
            await Check(url, write, cancellation);
            await Say(LogStream.OsmoCtrl, $"Data auth validation successful for {url}", cancellation);
        }

        await Say(LogStream.OsmoCtrl, "All data access validations passed", cancellation);
    }

    /// <exception cref="CtrlFailure">An input could not be had.</exception>
    public async Task DownloadInputs(CancellationToken cancellation)
    {
        await Say(LogStream.Download, "Downloading Start", cancellation);
        foreach (var input in arguments.Inputs)
            await Download(input, cancellation);
        await Say(LogStream.Download, "All Inputs Gathered", cancellation);
    }

    /// <exception cref="CtrlFailure">An output could not be put.</exception>
    public async Task UploadOutputs(CancellationToken cancellation)
    {
        await Say(LogStream.Upload, "Upload Start", cancellation);
        if (LocalFiles.IsEmpty(_outputPath))
            await Say(LogStream.Upload, "No Files in Output Folder", cancellation);
        else
        {
            foreach (var output in arguments.Outputs)
                await Upload(output, cancellation);
        }

        await Say(LogStream.Upload, "All Outputs Uploaded", cancellation);
    }

    private async Task Check(string url, bool write, CancellationToken cancellation)
    {
        for (var tries = 1; ; tries++)
        {
            try
            {
                using var store = Open(url, isService: false);
                await store.CheckAccess(write, cancellation);
                return;
            }
            catch (DataAccessException exception)
            {
                throw new CtrlFailure(CtrlExitCode.DataUnauthorized, $"Data access to {url} was refused: {exception.Message}", exception);
            }
            catch (Exception exception) when (exception is DataTransferException or DataTransientException)
            {
                if (tries == CheckTries)
                    throw new CtrlFailure(
                        CtrlExitCode.DataCheck, $"Data access to {url} could not be checked: {exception.Message}", exception);
                await Task.Delay(CheckPause, environment.Time, cancellation);
            }
        }
    }

    private async Task Download(InputSpec input, CancellationToken cancellation)
    {
        var folder = Path.Combine(_inputPath, $"{input.Index}");
        Directory.CreateDirectory(folder);
        await Say(LogStream.Download, $"Downloading {input.DisplayName}", cancellation);
        var metric = new Metric("INPUT", input.Url, input.IsTask ? "" : "Url", "download");
        await Transfer(metric, CtrlExitCode.Download, input.DisplayName, async () =>
        {
            var filter = FileFilter.Parse(input.Regex);
            using var store = Open(input.Url, input.IsTask);
            var totals = await _download.Run(
                async token => await store.List(token)
                    .Where(file => file.IsRoot || (filter?.IsMatch(file.Path) ?? true))
                    .ToListAsync(token),
                (file, progress, token) => store.Download(file, InsideFolder(folder, file.Path), progress, token),
                cancellation);
            if (totals.Files == 0)
                await Say(LogStream.Download, $"Warning: {input.DisplayName} has no files", cancellation);
            return totals;
        }, cancellation);
        await Say(LogStream.Download, $"Downloaded {input.DisplayName} to {{{{input:{input.Index}}}}}", cancellation);
        await Say(LogStream.Download, LocalFiles.Tree(folder), cancellation);
    }

    private async Task Upload(OutputSpec output, CancellationToken cancellation)
    {
        var (url, name, regex) = output switch
        {
            OutputSpec.Task task => (task.Url, LastSegment(task.Url), ""),
            OutputSpec.Kpi kpi => (kpi.Url, LastSegment(kpi.Url), ""),
            OutputSpec.Location location => (location.Url, location.Url, location.Regex),
            _ => throw new ArgumentException($"Output {output} has no upload.", nameof(output)),
        };
        if (output is OutputSpec.Kpi { Path: var missing } && !LocalFiles.IsRegular(InsideFolder(_outputPath, missing)))
        {
            await Say(LogStream.Upload, $"KPI file: {missing} does not exist", cancellation);
            return;
        }

        await Say(LogStream.Upload, $"Uploading {name}", cancellation);
        var metric = new Metric("OUTPUT", url, output is OutputSpec.Location ? "Url" : "", "N/A");
        await Transfer(metric, CtrlExitCode.Upload, name, async () =>
        {
            var filter = FileFilter.Parse(regex);
            using var store = Open(url, output is not OutputSpec.Location);
            return await _upload.Run(
                _ => Task.FromResult<IReadOnlyList<StoredFile>>([.. OutputFiles(output).Where(file => filter?.IsMatch(file.Path) ?? true)]),
                (file, progress, token) => store.Upload(
                    Path.Combine(_outputPath, file.Path),
                    output is OutputSpec.Kpi ? Path.GetFileName(file.Path) : file.Path,
                    progress,
                    token),
                cancellation);
        }, cancellation);
        await Say(LogStream.Upload, $"Uploaded {name}", cancellation);
    }

    private IEnumerable<StoredFile> OutputFiles(OutputSpec output) => output is OutputSpec.Kpi kpi
        ? [new StoredFile(kpi.Path, new FileInfo(InsideFolder(_outputPath, kpi.Path)).Length)]
        : LocalFiles.Walk(_outputPath);

    private async Task Transfer(
        Metric metric, CtrlExitCode stalled, string name, Func<Task<TransferTotals>> transfer, CancellationToken cancellation)
    {
        var start = environment.Time.GetUtcNow();
        try
        {
            var totals = await transfer();
            await log.Send(metric.ToMessage(arguments, totals, start, environment.Time.GetUtcNow()), cancellation);
        }
        catch (TimeoutException exception)
        {
            throw new CtrlFailure(stalled, $"{name}: {exception.Message}", exception);
        }
        catch (Exception exception) when (exception is DataTransferException or DataAccessException)
        {
            throw new CtrlFailure(CtrlExitCode.DataCommand, $"{name}: {exception.Message}", exception);
        }
    }

    private IDataStore Open(string url, bool isService) =>
        DataStores.Open(url, environment.LocalPath(isService ? arguments.ServiceConfigFile : arguments.UserConfigFile), environment);

    private ValueTask Say(LogStream stream, string text, CancellationToken cancellation) => log.Write(stream, text, cancellation);

    private static string LastSegment(string url) => url.TrimEnd('/').Split('/')[^1];

    /// <summary>Names come from outside: none may lead out of the folder.</summary>
    private static string InsideFolder(string folder, string path)
    {
        var full = Path.GetFullPath(path, folder);
        return full.StartsWith(folder.TrimEnd('/') + "/", StringComparison.Ordinal)
            ? full
            : throw new DataTransferException($"'{path}' leads out of '{folder}'.");
    }

    private sealed record Metric(string Type, string Url, string Operation, string Download)
    {
        public CtrlMessage.TaskIoMetrics ToMessage(
            CtrlArguments arguments, TransferTotals totals, DateTimeOffset start, DateTimeOffset end) => new(
            arguments.Task,
            end,
            $"{arguments.RetryId}",
            arguments.Group,
            arguments.Task,
            Url,
            Type,
            start,
            end,
            totals.Bytes,
            totals.Files,
            Operation,
            Download);
    }
}

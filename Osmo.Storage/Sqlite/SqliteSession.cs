using System.Data.Common;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Osmo.Storage.Sqlite;

/// <summary>One connection with its prepared statements. Used by one thread at a time.</summary>
internal sealed class SqliteSession : IDisposable
{
    /// <summary>Prepared statements kept; when there are more, all are dropped and prepared anew as they come.</summary>
    private const int StatementsMax = 128;

    private readonly SqliteConnection _connection;
    private readonly Dictionary<string, SqliteCommand> _statements = [];

    public SqliteSession(string path, SqliteOpenMode mode, string pragmas)
    {
        _connection = new(new SqliteConnectionStringBuilder { DataSource = path, Mode = mode, Pooling = false }.ToString());
        try
        {
            _connection.Open();
            Run(pragmas);
        }
        catch
        {
            _connection.Dispose();
            throw;
        }
    }

    /// <summary>False inside a transaction.</summary>
    public bool IsAutoCommit => raw.sqlite3_get_autocommit(_connection.Handle) != 0;

    /// <summary>Statements without parameters, run once.</summary>
    public void Run(string text)
    {
        using var command = _connection.CreateCommand();
        command.CommandText = text;
        command.ExecuteNonQuery();
    }

    /// <summary>Runs a prepared statement; the number of rows it changed.</summary>
    public int Execute(string text, params ReadOnlySpan<object> parameters) => Prepare(text, parameters).ExecuteNonQuery();

    public List<T> Query<T>(string text, ReadOnlySpan<object> parameters, Func<DbDataReader, T> read, CancellationToken cancellation = default)
    {
        var command = Prepare(text, parameters);
        // The only way to stop a statement that is running.
        using var interrupt = cancellation.UnsafeRegister(static handle => raw.sqlite3_interrupt((sqlite3)handle!), _connection.Handle);
        using var reader = command.ExecuteReader();
        var rows = new List<T>();
        while (reader.Read()) rows.Add(read(reader));
        return rows;
    }

    public void Dispose()
    {
        Forget();
        _connection.Dispose();
    }

    private SqliteCommand Prepare(string text, ReadOnlySpan<object> parameters)
    {
        if (!_statements.TryGetValue(text, out var command))
        {
            if (_statements.Count >= StatementsMax) Forget();
            command = _connection.CreateCommand();
#pragma warning disable CA2100 // All text comes from this program; values are parameters.
            command.CommandText = text;
#pragma warning restore CA2100
            for (var i = 0; i < parameters.Length; i++) command.Parameters.Add(new SqliteParameter { ParameterName = $"${i + 1}" });
            _statements.Add(text, command);
        }
        for (var i = 0; i < parameters.Length; i++) command.Parameters[i].Value = parameters[i];
        return command;
    }

    private void Forget()
    {
        foreach (var command in _statements.Values) command.Dispose();
        _statements.Clear();
    }
}

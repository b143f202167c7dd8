using System.IO.Pipelines;
using System.Text;
using Osmo.Storage.Objects;

namespace Osmo.Storage.Tests.Objects;

/// <summary>What every object store promises.</summary>
public abstract class ObjectStoreContract : IAsyncLifetime
{
    protected abstract IObjectStore Store { get; }

    public abstract Task InitializeAsync();

    public abstract Task DisposeAsync();

    [Fact]
    public async Task Read_NoObject_IsNull()
    {
        Assert.Null(await Store.Read("absent"));
        Assert.Null(await Store.Read("absent/below"));
    }

    [Theory]
    [InlineData("a")]
    [InlineData("train-1/logs/main retry-0.txt")]
    [InlineData("größe/😀/a+b&c=%41#?~")]
    public async Task Write_ThenRead_GivesTheContent(string key)
    {
        await Write(key, "first, longer");
        await Write(key, "second");
        Assert.Equal("second", await Text(key));
        Assert.Equal([key], await Keys(""));
    }

    [Fact]
    public async Task Write_Empty_IsAnObject()
    {
        await Write("empty", "");
        Assert.Equal("", await Text("empty"));
    }

    [Fact]
    public async Task Write_StreamWithoutLength_IsWrittenWhole()
    {
        var pipe = new Pipe();
        await pipe.Writer.WriteAsync(Encoding.UTF8.GetBytes("from a "));
        await pipe.Writer.WriteAsync(Encoding.UTF8.GetBytes("pipe"));
        await pipe.Writer.CompleteAsync();
        await Store.Write("piped", pipe.Reader.AsStream());
        Assert.Equal("from a pipe", await Text("piped"));
    }

    [Fact]
    public async Task Write_SixMegabytes_ComesBack()
    {
        var content = new byte[6 << 20];
        new Random(7).NextBytes(content);
        await Store.Write("large", new MemoryStream(content));
        await using var read = await Store.Read("large");
        using var copy = new MemoryStream();
        await read!.CopyToAsync(copy);
        Assert.True(content.AsSpan().SequenceEqual(copy.GetBuffer().AsSpan(0, (int)copy.Length)));
    }

    [Fact]
    public async Task Write_SourceFails_LeavesTheOldContent()
    {
        await Write("a", "old");
        await Assert.ThrowsAsync<IOException>(() => Store.Write("a", new FailingStream()));
        Assert.Equal("old", await Text("a"));
        Assert.Equal(["a"], await Keys(""));
    }

    [Fact]
    public async Task Write_WhileRead_ReaderKeepsItsContent()
    {
        await Write("a", "old");
        await using var reading = await Store.Read("a");
        await Write("a", "newer");
        Assert.Equal("old", await new StreamReader(reading!).ReadToEndAsync());
    }

    [Fact]
    public async Task List_Prefix_FindsAllPagesInOrder()
    {
        foreach (var key in new[] { "w/5", "w/1", "w/2", "w/3/x", "w/4", "w10", "v" }) await Write(key, key);
        Assert.Equal(["w/1", "w/2", "w/3/x", "w/4", "w/5"], await Keys("w/"));
        Assert.Equal(["w/1", "w/2", "w/3/x", "w/4", "w/5", "w10"], await Keys("w"));
        Assert.Equal(["w10"], await Keys("w1"));
        Assert.Equal(["w/3/x"], await Keys("w/3/x"));
        Assert.Empty(await Keys("z/"));
        Assert.Equal(7, (await Keys("")).Count);
    }

    [Fact]
    public async Task Delete_RemovesTheObject_AndAgainIsNothing()
    {
        await Write("d/a", "x");
        await Write("d/b", "y");
        await Store.Delete("d/a");
        await Store.Delete("d/a");
        await Store.Delete("never/was");
        Assert.Null(await Store.Read("d/a"));
        Assert.Equal(["d/b"], await Keys("d/"));
    }

    [Theory]
    [InlineData("")]
    [InlineData("/a")]
    [InlineData("a/")]
    [InlineData("a//b")]
    [InlineData(".")]
    [InlineData("../a")]
    [InlineData("a/../../b")]
    [InlineData("a/./b")]
    [InlineData("a\\..\\b")]
    [InlineData("a\0b")]
    public async Task Key_ThatCouldLeaveTheStore_IsRefused(string key)
    {
        await Assert.ThrowsAsync<ArgumentException>(() => Write(key, "x"));
        await Assert.ThrowsAsync<ArgumentException>(() => Store.Read(key));
        await Assert.ThrowsAsync<ArgumentException>(() => Store.Delete(key));
    }

    [Fact]
    public async Task Key_LongerThanTheBound_IsRefused()
    {
        await Assert.ThrowsAsync<ArgumentException>(() => Write(new string('a', 1025), "x"));
    }

    protected Task Write(string key, string content) => Store.Write(key, new MemoryStream(Encoding.UTF8.GetBytes(content)));

    protected async Task<string> Text(string key)
    {
        await using var stream = await Store.Read(key);
        return await new StreamReader(stream!).ReadToEndAsync();
    }

    private async Task<List<string>> Keys(string prefix)
    {
        var keys = new List<string>();
        await foreach (var key in Store.List(prefix)) keys.Add(key);
        return keys;
    }

    /// <summary>Gives some bytes, then breaks; it cannot seek.</summary>
    private sealed class FailingStream : Stream
    {
        private bool _given;

        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => throw new NotSupportedException();

        public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

        public override int Read(byte[] buffer, int offset, int count)
        {
            if (_given) throw new IOException("The source broke.");
            _given = true;
            buffer[offset] = 1;
            return 1;
        }

        public override void Flush() => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}

using Osmo.Protocol.Runtime;

namespace Osmo.Runtime.Ctrl;

/// <summary>Who acts on what the control plane says. Called by the connection's reader, so nothing here may wait.</summary>
internal interface ILoggerActions
{
    void Connected();

    void Handle(RuntimeAction action);
}

namespace Osmo.Hosting.Settings;

/// <summary>A setting keeps the program from starting; the message names it, what was found, and what is allowed.</summary>
public sealed class SettingsException(string message, Exception? inner = null) : Exception(message, inner);

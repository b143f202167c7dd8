using Orleans.Runtime;
using Osmo.Embedded.Activations;
using Osmo.Embedded.Reminders;

namespace Orleans.Runtime
{
    /// <summary>A registered reminder.</summary>
    public interface IGrainReminder
    {
        string ReminderName { get; }
    }

    /// <summary>The times of one tick, UTC.</summary>
    public readonly struct TickStatus(DateTime firstTickTime, TimeSpan period, DateTime timeStamp)
    {
        public DateTime FirstTickTime { get; } = firstTickTime;

        public TimeSpan Period { get; } = period;

        public DateTime CurrentTickTime { get; } = timeStamp;
    }
}

namespace Orleans
{
    /// <summary>A grain that can be reminded. A tick is an ordinary call and may be missed or doubled.</summary>
    public interface IRemindable : IGrain
    {
        Task ReceiveReminder(string reminderName, TickStatus status);
    }

    /// <summary>Durable schedules of a grain: they outlive the activation and the process.</summary>
    public static class GrainReminderExtensions
    {
        /// <exception cref="ArgumentException">The period is below the engine's minimum, or the due time is negative.</exception>
        /// <exception cref="InvalidOperationException">The grain is not <see cref="IRemindable"/>.</exception>
        public static Task<IGrainReminder> RegisterOrUpdateReminder(this IGrainBase grain, string reminderName, TimeSpan dueTime, TimeSpan period) =>
            Service(grain).RegisterOrUpdate(Remindable(grain), reminderName, dueTime, period);

        /// <summary>The reminder, or null when there is none of that name.</summary>
        public static Task<IGrainReminder?> GetReminder(this IGrainBase grain, string reminderName) =>
            Service(grain).Get(grain.GrainContext.GrainId, reminderName);

        public static Task<List<IGrainReminder>> GetReminders(this IGrainBase grain) => Service(grain).GetAll(grain.GrainContext.GrainId);

        public static Task UnregisterReminder(this IGrainBase grain, IGrainReminder reminder) =>
            Service(grain).Unregister(grain.GrainContext.GrainId, reminder);

        private static ReminderService Service(IGrainBase grain) => ((Activation)grain.GrainContext).Engine.Reminders;

        private static GrainId Remindable(IGrainBase grain) => grain is IRemindable
            ? grain.GrainContext.GrainId
            : throw new InvalidOperationException($"{grain.GetType()} registers a reminder but does not implement {nameof(IRemindable)}.");
    }
}

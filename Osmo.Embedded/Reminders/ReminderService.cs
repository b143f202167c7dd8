using Orleans.Runtime;

namespace Osmo.Embedded.Reminders;

internal abstract class ReminderService
{
    public abstract Task<IGrainReminder> RegisterOrUpdate(GrainId grain, string name, TimeSpan dueTime, TimeSpan period);

    public abstract Task<IGrainReminder?> Get(GrainId grain, string name);

    public abstract Task<List<IGrainReminder>> GetAll(GrainId grain);

    public abstract Task Unregister(GrainId grain, IGrainReminder reminder);
}

using Osmo.Workflows.Lifecycle;

namespace Osmo.Workflows.Tests.Lifecycle;

internal static class TransitionExtensions
{
    extension(Transition transition)
    {
        /// <summary>There is nothing to write.</summary>
        public bool ChangedNothing => !transition.HeadChanged
            && transition.ChangedGroups.IsEmpty
            && transition.ChangedTasks.IsEmpty
            && transition.NewJobs.IsEmpty
            && transition.ClosedJobs.IsEmpty;
    }
}

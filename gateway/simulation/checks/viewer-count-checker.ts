import type { Audience } from '../workload/audience.ts';

/** Who was told last that a video has another number of viewers than it has; undefined when nobody was. */
export function miscounted(videos: readonly string[], audiences: readonly Audience[]): string | undefined {
	const seats = audiences.flatMap((audience) => [...audience.seats]);
	for (const video of videos) {
		const there = seats.filter((seat) => seat.videos.includes(video));
		const wrong = there.find(({ viewer }) => viewer.viewers.get(video) !== there.length);
		if (wrong === undefined) continue;
		return `${wrong.viewer.name}: ${there.length} watch ${video}, and it was told ${wrong.viewer.viewers.get(video)}`;
	}
	return undefined;
}

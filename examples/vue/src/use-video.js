import { createClient } from '@likewire/sdk';
import { onScopeDispose, reactive, ref } from 'vue';

/** One client for the whole app: all videos share its stream. */
const live = createClient({ url: 'http://127.0.0.1:8080' });

/** Follows a video until the component is removed. */
export function useVideo(id) {
	const video = live.video(id);
	const totals = ref(video.totals);
	const viewers = ref(video.viewers ?? 0);
	/** By region, author and id: clients choose the ids of their comments. */
	const comments = reactive(new Map());
	const keyOf = (comment) => `${comment.region} ${comment.user} ${comment.id}`;

	video.on('totals', (now) => {
		totals.value = now;
	});
	video.on('viewers', ({ count }) => {
		viewers.value = count;
	});
	video.on('comment', (comment) => comments.set(keyOf(comment), comment));
	video.on('comment-deleted', (comment) => comments.delete(keyOf(comment)));
	onScopeDispose(() => video.close());

	return {
		totals,
		viewers,
		comments,
		like: (type) => video.like(type),
		comment: (text) => video.comment(text),
	};
}

import { idOf, kindOf, videoTopic } from '../delivery/topic.ts';

/**
 * The name by which a store counts what belongs to a topic: a video's is its id, which is what a store knew first; that of
 * anything else begins with a character that no id has.
 */
export function subjectOf(topic: string): string {
	return kindOf(topic) === 'video' ? idOf(topic) : `/${topic}`;
}

/** The topic of a subject: the reverse of {@link subjectOf}. */
export function topicOfSubject(subject: string): string {
	return subject.startsWith('/') ? subject.slice(1) : videoTopic(subject);
}

/** The little of Node that the tests use, so that no package of types is needed for it. */
declare module 'node:test' {
	export default function test(name: string, body: () => void | Promise<void>): void;
}
declare module 'node:assert/strict' {
	const assert: {
		(value: unknown, message?: string): asserts value;
		equal(actual: unknown, expected: unknown, message?: string): void;
		deepEqual(actual: unknown, expected: unknown, message?: string): void;
	};
	export default assert;
}

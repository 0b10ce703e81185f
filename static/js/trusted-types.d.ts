/** Trusted Types, which TypeScript's own libraries don't know yet. Source: https://w3c.github.io/trusted-types/dist/spec/ */
interface TrustedScriptURL {
	toString(): string;
}
declare const trustedTypes: undefined | {
	createPolicy(name: string, rules: { createScriptURL(address: string): string | null }): {
		createScriptURL(address: string): TrustedScriptURL;
	};
};

// The scripts of every page. Each class is one behaviour, hung on the elements
// that have its data- attribute. What only some pages need is in photo.ts and
// batch.ts, which they load besides.
import { idle } from './idle';
import { List } from './list';
import { Menu } from './menu';
import { forgetShared } from './shared';
import { ThemeSwitch } from './theme';
import { localise } from './times';
import { Vault } from './vault';

const vault = Vault.ofPage();
void idle().then(() => vault.tidy());
for (const form of document.querySelectorAll<HTMLFormElement>('form[action="/auth/sign-out"]')) {
	form.addEventListener('submit', () => void Promise.all([vault.clear(), forgetShared()]).catch(() => undefined)); // the answer clears it too, where the browser obeys Clear-Site-Data
}
for (const root of document.querySelectorAll<HTMLElement>('[data-list]')) new List(root);
for (const details of document.querySelectorAll<HTMLDetailsElement>('[data-menu]')) new Menu(details);
for (const form of document.querySelectorAll<HTMLFormElement>('[data-theme-switch]')) new ThemeSwitch(form);
for (const time of document.querySelectorAll<HTMLTimeElement>('time[data-local]')) localise(time);

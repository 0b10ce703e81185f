// The scripts of every page. Each class is one behaviour, hung on the elements
// that have its data- attribute.
import { Editor } from './editor';
import { List } from './list';
import { Menu } from './menu';
import { ThemeSwitch } from './theme';

for (const root of document.querySelectorAll<HTMLElement>('[data-editor]')) new Editor(root);
for (const root of document.querySelectorAll<HTMLElement>('[data-list]')) new List(root);
for (const details of document.querySelectorAll<HTMLDetailsElement>('[data-menu]')) new Menu(details);
for (const form of document.querySelectorAll<HTMLFormElement>('[data-theme-switch]')) new ThemeSwitch(form);

package demo

import "portrait/internal/directory"

// renamedPeople is newPeople, called by other names unless rename is nil. Ids and
// userPrincipalNames stay, and so do names that there aren't.
func renamedPeople(rename func(name string) string) []*person {
	people := newPeople()
	if rename == nil {
		return people
	}
	for _, p := range people {
		for _, text := range []*string{&p.DisplayName, &p.JobTitle, &p.Department} {
			renameText(rename, text)
		}
	}
	return people
}

// renamePlaces does the same to groups, folders and contacts.
func renamePlaces(rename func(name string) string, groups []*group, boxes map[directory.ID]*mailbox) {
	if rename == nil {
		return
	}
	for _, g := range groups {
		renameText(rename, &g.DisplayName)
	}
	for _, box := range boxes {
		for _, f := range box.folders {
			renameText(rename, &f.Name)
		}
		for _, c := range box.contacts {
			for _, text := range []*string{&c.DisplayName, &c.JobTitle, &c.Company} {
				renameText(rename, text)
			}
		}
	}
}

func renameText(rename func(name string) string, text *string) {
	if *text != "" {
		*text = rename(*text)
	}
}

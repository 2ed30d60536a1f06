/* the facts about Sendmail, one a line: "define confMAX_HOP MaxHopCount", for a test in the shell
 */
#include <stdio.h>

#include "facts/sendmail.h"

int main(void)
{
    static const char *const kinds[] = {
        [SENDMAIL_DEFINE] = "define", [SENDMAIL_FEATURE] = "feature", [SENDMAIL_MACRO] = "macro",
        [SENDMAIL_MAILER] = "mailer", [SENDMAIL_OSTYPE] = "ostype",   [SENDMAIL_DOMAIN] = "domain",
        [SENDMAIL_HACK] = "hack",     [SENDMAIL_OPTION] = "option",
    };
    size_t count;
    const struct sendmail_fact *facts = facts_sendmail_all(&count);

    for (size_t i = 0; i < count; i++)
        printf("%s %.*s %.*s%s\n", kinds[facts[i].kind], STR_ARG(facts[i].name),
               STR_ARG(facts[i].option), facts[i].gone ? " gone" : "");
    return 0;
}

#include "config/settings.h"

#include <stdlib.h>
#include <string.h>

#include "config/settings_read.h"

enum settings_switch settings_proto_enabled(const struct settings *s, const char *name)
{
    for (size_t i = 0; i < s->proto_count; i++)
        if (strcmp(s->protos[i].name, name) == 0)
            return s->protos[i].enabled;
    return SWITCH_YES;
}

const struct settings_payload *settings_payload(const struct settings *s, const char *name)
{
    for (size_t i = 0; i < s->decap.payload_count; i++)
        if (strcmp(s->decap.payload[i].name, name) == 0)
            return &s->decap.payload[i];
    return NULL;
}

bool settings_eve_type_enabled(const struct settings *s, const char *name)
{
    if (!s->eve.enabled)
        return false;
    for (size_t i = 0; i < s->eve.type_count; i++)
        if (strcmp(s->eve.types[i].name, name) == 0)
            return s->eve.types[i].enabled;
    return false;
}

void settings_fini(struct settings *s)
{
    free(s->eve.types);
    free(s->protos);
    free(s->decap.payload);
    free(s->rules.files);
    *s = (struct settings){.config_file = ""};
}

# The programs and the root tree. Every user/NAME.c, and every directory
# user/NAME of C files, becomes the program $(O)/bin/NAME, and $(O)/host/bin/NAME
# over Linux (lib/lib.mk has the recipe). A copy of each goes to /bin of the root
# tree, without what debuggers read but with symbols, so that stack(1) can name
# functions. The tree is user/rootfs, the directories named here and the programs,
# packed as $(INITRD): the same bytes for the same sources, whoever builds them and
# when.

UDIRS	:= $(filter-out rootfs calc,$(sort $(patsubst user/%/,%,$(dir $(wildcard user/*/*.c)))))
UPROGS	:= $(sort $(patsubst user/%.c,%,$(wildcard user/*.c)) $(UDIRS))
UBIN	:= $(addprefix $(O)/bin/,$(UPROGS))
INITRD	:= $(O)/initrd.tar

# Directories that hold nothing at first and that git would not keep.
UEMPTY	:= adm amd64/bin amd64/include amd64/lib bin boot cfg cron dev/exchange env fd lib/font \
	mail mnt/exportfs n/other net net.alt proc rc/bin rc/lib root shr srv sys/include sys/lib \
	sys/log sys/man sys/src tmp \
	usr/glenda/bin/amd64 usr/glenda/bin/rc usr/glenda/lib usr/glenda/tmp

# Programs that go to a directory of /bin.
UAUX	:= getflags usage
UAUTH	:= newns

STRIP	?= strip

# $(call uobject,NAME): its objects, without the unit tests beside them, and those of
# another program that it shares.
uobject = $(patsubst user/%.c,$(O)/user/%.o,\
	$(filter-out %_test.c,$(wildcard user/$(1).c user/$(1)/*.c)) $(USHARED_$(1)))
USHARED_newns := user/init/newns.c
USHARED_bc := $(wildcard user/calc/*.c)
USHARED_hoc := $(USHARED_bc)

$(foreach p,$(UPROGS),$(eval $(call uprog,$(p),$(call uobject,$(p)))))

-include $(patsubst %.o,%.d,$(foreach p,$(UPROGS),$(call uobject,$(p))))

UROOTFS	:= $(shell find user/rootfs | LC_ALL=C sort)
UMAN	:= $(shell find doc/man -path 'doc/man/[1-9]/*' | LC_ALL=C sort)

# `[' is test under its other name: it looks at argv[0]. So does auth/none.
# The manual is doc/man, as /sys/man/SECTION/NAME, and its index.
$(INITRD): $(UBIN) $(UROOTFS) $(UMAN) tools/manindex user/user.mk
	rm -rf $(O)/rootfs
	mkdir -p $(addprefix $(O)/rootfs/,$(UEMPTY))
	cp -R user/rootfs/. $(O)/rootfs
	cp -R doc/man/[1-9] $(O)/rootfs/sys/man
	tools/manindex doc/man >$(O)/rootfs/sys/man/INDEX
	for p in $(UPROGS); do $(STRIP) -g -o $(O)/rootfs/bin/$$p $(O)/bin/$$p || exit 1; done
	cd $(O)/rootfs/bin && mkdir aux auth && mv $(UAUX) aux && mv $(UAUTH) auth
	cp $(O)/rootfs/bin/auth/newns $(O)/rootfs/bin/auth/none
	cp $(O)/rootfs/bin/init $(O)/rootfs/amd64/init
	if [ -f $(O)/rootfs/bin/test ]; then cp $(O)/rootfs/bin/test '$(O)/rootfs/bin/['; fi
	cd $(O)/rootfs && LC_ALL=C && export LC_ALL && tar --format=ustar --sort=name --mtime=@0 \
		--owner=sys:0 --group=sys:0 --mode=u+rw,go-w,a+rX -cf ../initrd.tar.new *
	mv $(O)/initrd.tar.new $@

.PHONY: initrd programs hostprograms
initrd: $(INITRD)
programs: $(UBIN)
hostprograms: $(addprefix $(O)/host/bin/,$(UPROGS))
all: initrd
